#!/bin/sh
# `make package`: build/lianfang_VERSION_ARCH.deb — the program with the web app inside, its manual page, the documents.
set -eu

version=$(build/lianfang version | grep -o '[0-9][0-9.]*' | head -1)
arch=$(dpkg --print-architecture)
root=build/deb
rm -rf "$root"
mkdir -p "$root/DEBIAN"

install -D -s -m 755 build/lianfang "$root/usr/bin/lianfang"
mkdir -p "$root/usr/share/man/man1" "$root/usr/share/doc/lianfang"
gzip -9nc docs/lianfang.1 >"$root/usr/share/man/man1/lianfang.1.gz"
cp README.md README.zh-CN.md ARCHITECTURE.md CHANGELOG.md "$root/usr/share/doc/lianfang/"
cat >"$root/usr/share/doc/lianfang/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Files: *
Copyright: the authors of lianfang
License: Apache-2.0
 On Debian systems the full text stands in /usr/share/common-licenses/Apache-2.0.
END

# The packages that hold the libraries the program is linked with.
needs=$(ldd build/lianfang | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | sort -u | while read -r lib; do
	readelf -d build/lianfang | grep -q "\[$(basename "$lib")\]" || continue
	dpkg-query -S "$(readlink -f "$lib")" 2>/dev/null | sed 's/:.*//; q'
done | sort -u | paste -sd, | sed 's/,/, /g')

cat >"$root/DEBIAN/control" <<END
Package: lianfang
Version: $version
Architecture: $arch
Maintainer: the authors of lianfang
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: $needs
Section: misc
Priority: optional
Description: emergency organisation of a county on one ledger
 Records once who answers for which household, who is on post, what was bought
 and where it went; computes every report from those records, for any place, as
 of any day, and proves that none was changed.
END
dpkg-deb --root-owner-group --build "$root" "build/lianfang_${version}_$arch.deb"
rm -rf "$root"
