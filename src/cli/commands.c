/* The table of commands: one row a command, with its options and its help. */
#include "cli/command.h"

const struct option_row COMMON_OPTIONS[] = {
	[COMMON_DB] = { "db", "STORE", false, "数据库：SQLite 文件，或 postgresql://…（默认 lianfang.db）",
			"the store: a SQLite file, or postgresql://… (lianfang.db unless given)" },
	[COMMON_KEYS] = { "keys", "FILE", false, "密钥文件（默认在数据库旁边）", "the key file (beside the store unless given)" },
	[COMMON_JSON] = { "json", NULL, false, "以 JSON 输出", "print JSON" },
	[COMMON_LANG] = { "lang", "zh|en", false, "语言（默认按环境变量 LANG）", "language of texts (from LANG unless given)" },
	[COMMON_HELP] = { "help", NULL, false, "显示本说明", "show this text" },
	[N_COMMON] = { NULL, NULL, false, NULL, NULL },
};

#define PASSWORD_OPTION                                                                                           \
	{ "password-file", "FILE", true, "密码所在文件的第一行，- 为标准输入；至少 10 个字符",                    \
	  "file whose first line is the password, - for standard input; at least 10 characters" }
#define ROLE_OPTION                                                                                               \
	{ "role", "ROLE", true,                                                                                   \
	  "岗位：commander officer grid checkpoint supply publicity organisation inspection auditor admin",       \
	  "commander, officer, grid, checkpoint, supply, publicity, organisation, inspection, auditor or admin" }
#define PLACE_OPTION { "place", "CODE", true, "授权到的地点：区划代码，含其下全部", "division code that the grant reaches, with all below" }

#define ALL (COMMAND_DB | COMMAND_KEYS)

const struct command COMMANDS[] = {
	{ "init", "", ALL,
	  { { "county", "CODE", true, "区划代码：县 6 位、市 4 位、省 2 位，全国 000000",
	      "division code: 6 digits of a county, 4 of a city, 2 of a province, 000000 for the nation" },
	    { "divisions", "FILE", true, "区划清单，CSV，列为 code,name,level,parent", "the divisions, CSV with columns code,name,level,parent" },
	    { "from", "DAY", false, "自何日起有效，应急由此日开始（默认今天）",
	      "day from which they hold and on which the incident begins (today unless given)" },
	    { "kind", "KIND", false, "应急种类：epidemic flood earthquake fire drill other（默认 epidemic）",
	      "kind of the incident: epidemic, flood, earthquake, fire, drill or other (epidemic unless given)" },
	    { "name", "TEXT", false, "应急名称（默认按种类）", "name of the incident (by its kind unless given)" } },
	  "新建数据库和密钥，载入区划，开启应急", "make a store with its keys, load the divisions, open the incident",
	  "要么全部完成，要么什么都不留下。密钥写在数据库旁边的 STORE-keys，请另行妥善保管：丢失它，个人信息将无法读取。",
	  "All or nothing: a failed init leaves no file behind. The keys are written to STORE-keys; keep a copy of them apart "
	  "from the backups: without them personal data cannot be read.",
	  cmd_init },
	{ "serve", "", ALL,
	  { { "listen", "HOST:PORT", false, "监听地址（默认 127.0.0.1:8080）", "address to listen on (127.0.0.1:8080 unless given)" },
	    { "tls-cert", "FILE", false, "TLS 证书链，PEM", "TLS certificate chain, PEM" },
	    { "tls-key", "FILE", false, "TLS 私钥，PEM", "TLS private key, PEM" },
	    { "metrics", "HOST:PORT", false, "/metrics 另用的监听地址，不需登录", "address for /metrics alone, without signing in" },
	    { "log-requests", NULL, false, "每个请求记一行日志", "log one line a request" } },
	  "启动服务", "run the server",
	  "收到 SIGTERM 或 SIGINT 后停止接收，答复已收到的请求，然后退出；已确认的记录不会丢失。",
	  "On SIGTERM or SIGINT it takes nothing new, answers what has come in and ends; nothing acknowledged is lost.", cmd_serve },
	{ "account add", "NAME", ALL,
	  { ROLE_OPTION, PLACE_OPTION, { "person", "ID", false, "账号所属人员的编号", "id of the enrolled person whose account it is" }, PASSWORD_OPTION },
	  "新建账号并授权", "make an account with its first grant",
	  "账号名 1–32 个字符：a–z 0–9 . _ -。服务运行时也可使用。", "A name has 1–32 of a–z 0–9 . _ -. Works while the store is served, too.",
	  cmd_account_add },
	{ "account grant", "NAME", ALL, { ROLE_OPTION, PLACE_OPTION, { "until", "TIME", false, "授权截止时间，RFC 3339", "end of the grant, RFC 3339" } },
	  "给账号增加一项授权", "give an account a further grant",
	  "系统管理员和审计不能与其他岗位由同一账号兼任。", "admin and auditor never stand together with any other role.", cmd_account_grant },
	{ "account list", "", ALL | COMMAND_JSON, { { NULL } }, "列出账号及其授权", "list accounts and their grants", NULL, NULL, cmd_account_list },
	{ "account disable", "NAME", ALL, { { NULL } }, "停用账号，并结束其登录", "close an account and end its sessions", NULL, NULL, cmd_account_disable },
	{ "account enable", "NAME", ALL, { { NULL } }, "重新启用账号", "open a closed account again", NULL, NULL, cmd_account_enable },
	{ "import", "KIND FILE", ALL | COMMAND_JSON,
	  { { "dry-run", NULL, false, "只检查，不记录", "check everything, record nothing" },
	    { "from", "DAY", false, "自何日起有效（默认今天）", "day from which the rows hold (today unless given)" } },
	  "从 CSV 导入（UTF-8 或 GB18030）", "record what stands in a CSV file (UTF-8 or GB18030)",
	  "KIND 为 divisions、households、people、groups 或 staffing。整个文件要么全部记录，要么一条不记；每个有误的行都列出行、列和原因。",
	  "KIND is divisions, households, people, groups or staffing. All or nothing per file; every bad row is listed with its "
	  "line, column and reason.",
	  cmd_import },
	{ "report", "", ALL | COMMAND_JSON,
	  { { "place", "CODE", false, "地点（默认整个数据库）", "place (the whole store unless given)" },
	    { "as-of", "DAY", false, "截至哪一天结束（默认现在）", "as of the end of that day (now unless given)" },
	    { "known-at", "TIME", false, "按当时已收到的记录，RFC 3339", "as the ledger stood at that moment, RFC 3339" },
	    { "incident", "ID", false, "应急编号（默认最近一个，演练除外）", "the incident (the latest that is no drill unless given)" },
	    { "format", "FORMAT", false, "text 或 json（默认 text）", "text or json (text unless given)" } },
	  "情况报告", "print the situation report", NULL, NULL, cmd_report },
	{ "demo", "STORY", ALL,
	  { { "with-gaps", NULL, false, "留出缺人的责任组和未分配的住户", "leave some groups short and some households unassigned" },
	    { "password-file", "FILE", false, "演示账号的密码（默认用人人知道的演示密码）", "password of the demo accounts (one that everybody knows unless given)" } },
	  "新建演示数据库", "make a fresh store and feed it a story", "STORY 为 zhenping。住户和人员均为生成，不是真人。",
	  "STORY is zhenping. Its households and people are generated; none is real.", cmd_demo },
	{ "verify", "", ALL | COMMAND_JSON, { { "head", "FILE", false, "并与先前公布的树头（head 命令的输出）核对", "check against a head published earlier, as `head` prints it, too" } },
	  "重算账本的散列树和签名，重建派生数据并比较", "recompute the ledger's tree and signatures, rebuild what is derived, compare",
	  "无误时输出 verified N events；否则指出第一处差异，退出码 1。服务运行时也可使用。",
	  "Prints `verified N events`, or names the first difference and exits 1. Works while the store is served, too.", cmd_verify },
	{ "head", "", ALL, { { NULL } }, "输出已签名的树头，供公布", "print the signed head, to be published", NULL, NULL, cmd_head },
	{ "rebuild", "", ALL, { { NULL } }, "由账本重建全部派生数据", "make all derived tables anew from the ledger", "须先停止服务。",
	  "The server must be stopped first.", cmd_rebuild },
	{ "backup", "FILE", ALL, { { "with-keys", NULL, false, "连同密钥文件，写到 FILE-keys", "the key file too, as FILE-keys" } },
	  "备份为一个文件", "copy the whole store into one file",
	  "服务运行时也可使用。不覆盖已有文件。默认不含密钥文件。", "Works while the store is served. Never overwrites. Leaves the key file out unless told.", cmd_backup },
	{ "restore", "FILE", ALL,
	  { { "replaces", "STORE", false, "被替换的数据库：其后清除的个人信息在此同样清除",
	      "the store being replaced: what was erased in it since the backup is erased here too" } },
	  "由备份恢复到 --db", "bring a backup back as the store --db",
	  "不覆盖已有数据库。密钥取自 --keys、FILE-keys 或 STORE-keys。", "Never overwrites. Takes the keys from --keys, FILE-keys or STORE-keys.", cmd_restore },
	{ "version", "", 0, { { NULL } }, "显示版本", "print the version", NULL, NULL, cmd_version },
	{ "help", "[COMMAND…]", 0, { { "man", NULL, false, "输出手册页（roff）", "print the manual page, roff" } }, "显示说明", "explain a command", NULL, NULL, cmd_help },
	{ NULL },
};
