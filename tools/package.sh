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
lianfang is under the Apache License 2.0, copyright its authors.
On Debian systems the full text stands in /usr/share/common-licenses/Apache-2.0.
END

# dpkg knows some files by their place before /usr was merged.
package_of() {
	dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "${1#/usr}" 2>/dev/null || true
}

# The packages that hold the libraries the program is linked with.
needs=$(ldd build/lianfang | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | sort -u | while read -r lib; do
	readelf -d build/lianfang | grep -q "\[$(basename "$lib")\]" || continue
	package_of "$(readlink -f "$lib")" | sed 's/:.*//; q'
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
