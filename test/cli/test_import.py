#!/usr/bin/env python3
"""lianfang import: every kind, both languages, character sets, faults, sameness."""

from store_case import StoreCase, main

PEOPLE = """ref,姓名,类别,地点,所属镇,党员,电话,单位
P1,甲一（测试）,村（社区）干部,蔬菜村,城关镇,是,13800000001,蔬菜村
P2,乙二（测试）,stationed_official,蔬菜村委会,,yes,13800000002,
P3,丙三（测试）,小组长,610927100200,,否,13800000003,
P4,丁四（测试）,村民代表,城关镇/蔬菜村,,,13800000004,
P5,戊五（测试）,居民,蔬菜村,,党员,13800000005,
P6,己六（测试）,机关干部,610927000000,,是,13800000006,县直机关
"""
GROUPS = "村,责任组,编组方式\n蔬菜村,第一责任组,农村\n蔬菜村,第二责任组,rural\n"
STAFFING = """村,责任组,姓名,角色
蔬菜村,第一责任组,甲一（测试）,村干部
蔬菜村,第一责任组,P3,小组长
蔬菜村,第一责任组,13800000004,村民代表
蔬菜村,第一责任组,戊五（测试）,党员
"""


def households(n, village="蔬菜村", group=lambda i: ""):
    rows = [f"{i},{village},{village}1组{i}号,户{i}（测试）,1390000{i:04d},{i % 6 + 1},,{group(i)}\n" for i in range(1, n + 1)]
    return "户编号,村,住址,户主,电话,人口数,标签,责任组\n" + "".join(rows)


class Import(StoreCase):
    SINCE = ("--from", "2020-01-24")

    def county(self, assigned=20):
        self.init()
        self.load("people", PEOPLE, *self.SINCE)
        self.load("groups", GROUPS, *self.SINCE)
        self.load("staffing", STAFFING, *self.SINCE)
        self.load("households", households(40, group=lambda i: "第一责任组" if i <= assigned else ""), *self.SINCE)

    def test_a_village_from_four_files(self):
        self.county()
        f = self.figures("--as-of", "2020-01-24", "--place", "610927100200")
        self.assertEqual((f["households"], f["households_covered"], f["groups"], f["groups_complete"]), (40, 20, 2, 1))
        self.assertEqual((f["people.village_official"], f["people.official"]), (1, 0))
        self.assertEqual(self.figures("--as-of", "2020-01-23")["households"], 0)

    def test_the_same_files_again_are_duplicates(self):
        self.county()
        before = self.figures()["records"]
        for kind, text in (("people", PEOPLE), ("groups", GROUPS), ("staffing", STAFFING),
                           ("households", households(40, group=lambda i: "第一责任组" if i <= 20 else ""))):
            out = self.load(kind, text)  # without --from: when it happened is known from before
            self.assertEqual((out["recorded"], out["bad"]), (0, 0), kind)
            self.assertGreater(out["duplicates"], 0)
        self.assertEqual(self.figures()["records"], before)

    def test_changed_row_under_a_known_ref_is_refused(self):
        self.county()
        out = self.load("households", "ref,place,address,head,members\n7,蔬菜村,别处7号,户7（测试）,3\n", expect=1)
        self.assertEqual([(f["line"], f["code"]) for f in out["faults"]], [(2, "id_reused")])

    def test_character_sets(self):
        self.init()
        text = "place,name,model\n蔬菜村,第一责任组,农村\n"
        for charset, village in (("utf-8", "蔬菜村"), ("utf-8-sig", "新华村"), ("gb18030", "文彩村")):
            out = self.load("groups", text.replace("蔬菜村", village).replace("\n", "\r\n"), charset=charset)
            self.assertEqual(out["recorded"], 1, charset)

    def test_dry_run_writes_nothing(self):
        self.init()
        before = self.figures()["records"]
        self.assertEqual(self.load("people", PEOPLE, "--dry-run")["recorded"], 6)
        self.assertEqual(self.figures()["records"], before)
        self.assertEqual(self.load("people", PEOPLE)["recorded"], 6)

    def test_every_bad_row_is_listed_and_nothing_recorded(self):
        self.county()
        before = self.figures()["records"]
        out = self.load("households", """ref,place,address,head,phone,members,tags,group,at
101,蔬菜村,甲1号,甲（测试）,,3,,,
102,无此村,甲2号,甲（测试）,,3,,,
103,蔬菜村,甲3号,甲（测试）,,三,,,
104,蔬菜村,甲4号,甲（测试）,,3,胖,,
105,蔬菜村,甲5号,甲（测试）,,3,,第九组,
106,蔬菜村,甲6号,甲（测试）,,3,,,2020-02-30
107,城关镇,甲7号,甲（测试）,,3,,,
108,蔬菜村,,甲（测试）,,3,,,
109,蔬菜村,甲9号,,,3,,,
110,蔬菜村,甲10号,甲（测试）,,300,,,
111,蔬菜村,甲11号,甲（测试）,,3,,,
111,蔬菜村,甲12号,甲（测试）,,3,,,
112,蔬菜村,甲13号,甲（测试）,,3,,,,x
113,蔬菜村,"甲14号,甲（测试）,,3,,,
""", expect=1)
        self.assertEqual([(f["line"], f.get("column")) for f in out["faults"]],
                         [(3, 2), (4, 6), (5, 7), (6, 8), (7, 9), (8, 2), (9, 3), (10, 4), (11, 6), (13, None), (14, None), (15, None)])
        self.assertEqual((out["bad"], out["recorded"]), (12, 0))
        self.assertEqual(self.figures()["records"], before)

    def test_long_listings_are_cut(self):
        self.init()
        text = "place,name,model\n" + "无此村,组,农村\n" * 450
        done = self.run_cli("import", "groups", self.file("g.csv", text), "--db", self.db, expect=1)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 202)
        self.assertIn("250 more", lines[200])
        self.assertIn("450", lines[201])

    def test_staffing_refusals_name_the_row(self):
        self.county()
        out = self.load("staffing", """place,group,person,role
蔬菜村,第一责任组,乙二（测试）,网格长
蔬菜村,第一责任组,无此人,组长
蔬菜村,第二责任组,丙三（测试）,村民代表
蔬菜村,第二责任组,丙三（测试）,皇帝
""", expect=1)
        self.assertEqual([(f["line"], f["code"]) for f in out["faults"]],
                         [(2, "role_not_in_model"), (3, "import_person"), (4, "not_qualified"), (5, "import_role")])

    def test_people_of_one_name_are_told_apart_by_phone(self):
        self.county()
        self.load("people", "name,category,place,phone\n丙三（测试）,居民,蔬菜村,13800000099\n", *self.SINCE)
        row = "place,group,person,phone,role\n蔬菜村,第二责任组,丙三（测试）,%s,小组长\n"
        self.assertEqual(self.load("staffing", row % "", expect=1)["faults"][0]["code"], "import_people")
        self.assertEqual(self.load("staffing", row % "13800000099")["recorded"], 1)

    def test_assignments_one_by_one_by_range_and_whole(self):
        self.county()
        one = "place,group,household\n蔬菜村,第二责任组,021\n蔬菜村,第二责任组,户22（测试）\n蔬菜村,第二责任组,蔬菜村1组23号\n"
        self.assertEqual(self.load("assignments", one)["recorded"], 3)
        ranged = "place,group,from,to\n蔬菜村,第二责任组,24,40\n"
        self.assertEqual(self.load("assignments", ranged)["recorded"], 17)
        again = self.load("assignments", ranged)
        self.assertEqual((again["recorded"], again["duplicates"]), (0, 17))
        taken = self.load("assignments", "place,group,from,to\n蔬菜村,第二责任组,20,21\n", expect=1)
        self.assertEqual(taken["faults"][0]["code"], "already_assigned")
        for text, code in (("place,group,from,to\n蔬菜村,第二责任组,900,910\n", "import_range_empty"),
                           ("place,group,from,to\n蔬菜村,第二责任组,9,1\n", "import_range"),
                           ("place,group\n新华村,第一责任组\n", "import_group")):
            self.assertEqual(self.load("assignments", text, expect=1)["faults"][0]["code"], code)

    def test_a_whole_grid_goes_to_a_group(self):
        self.init()
        self.load("grids", "网格代码,名称\n610927100002001,广场社区第1网格\n", *self.SINCE)
        self.load("groups", "place,name,model\n610927100002001,第一网格,urban\n", *self.SINCE)
        self.load("households", households(30, village="610927100002001"), *self.SINCE)
        out = self.load("assignments", "place,group\n610927100002001,第一网格\n", *self.SINCE)
        self.assertEqual(out["recorded"], 30)
        self.assertEqual(self.figures("--place", "610927100002")["households"], 30)

    def test_sites_teams_and_members(self):
        self.county()
        self.load("sites", "name,kind,place,lon,lat\n城关检查点,检查点,城关镇,109.526412,31.883\n", *self.SINCE)
        self.load("teams", "name,kind,place,site,under\n临时党委,临时党组织,城关镇,,\n检查点支部,temporary_branch,城关镇,城关检查点,临时党委\n", *self.SINCE)
        out = self.load("members", "place,team,person,post\n城关镇,检查点支部,己六（测试）,书记\n", *self.SINCE)
        self.assertEqual(out["recorded"], 1)
        bad = self.load("members", "place,team,person,post\n城关镇,检查点支部,丙三（测试）,成员\n", expect=1)
        self.assertEqual(bad["faults"][0]["code"], "import_person")  # enrolled below the town
        f = self.figures()
        self.assertEqual((f["checkpoints"], f["teams.temporary_branch"], f["teams.temporary_organisation"]), (1, 1, 1))

    def test_divisions_are_added_and_known_ones_left(self):
        self.init()
        with open(self.file("all.csv", ""), "w", encoding="utf-8") as f:
            f.write("")
        out = self.load("divisions", "code,name,level,parent\n610927100200,蔬菜村委会,5,610927100000\n610927100299,新设村委会,5,610927100000\n")
        self.assertEqual((out["recorded"], out["unchanged"]), (1, 1))
        bad = self.load("divisions", "code,name,level,parent\n610927100200,改名村委会,5,610927100000\n", expect=1)
        self.assertEqual(bad["faults"][0]["code"], "import_listed")
        self.assertEqual(self.figures()["villages"], 63)

    def test_wrong_use(self):
        self.init()
        path = self.file("x.csv", "a,b\n1,2\n")
        self.run_cli("import", "cattle", path, "--db", self.db, expect=2)
        self.assertIn("\"place\"", self.run_cli("import", "groups", self.file("g.csv", "name,model\nx,rural\n"), "--db", self.db, expect=1).stderr)
        self.assertIn("not known", self.run_cli("import", "groups", path, "--db", self.db, expect=1).stderr)
        self.assertIn("xlsx", self.run_cli("import", "groups", self.file("g.xlsx", b"PK\x03\x04\x00"), "--db", self.db, expect=1).stderr)
        self.run_cli("import", "groups", path, "--db", self.db, "--from", "2020-13-01", expect=2)


if __name__ == "__main__":
    main()
