"""import: every kind, both languages, character sets, faults, sameness."""

from sheets import figures, load, refused

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

SINCE = ("--from", "2020-01-24")


def county(box, assigned=20):
    box.init()
    load(box, "people", PEOPLE, *SINCE)
    load(box, "groups", GROUPS, *SINCE)
    load(box, "staffing", STAFFING, *SINCE)
    load(box, "households", households(40, group=lambda i: "第一责任组" if i <= assigned else ""), *SINCE)


def test_a_village_from_four_files(box):
    county(box)
    f = figures(box, "--as-of", "2020-01-24", "--place", "610927100200")
    assert (f["households"], f["households_covered"], f["groups"], f["groups_complete"]) == (40, 20, 2, 1)
    assert (f["people.village_official"], f["people.official"]) == (1, 0)
    assert figures(box, "--as-of", "2020-01-23")["households"] == 0


def test_the_same_files_again_are_duplicates(box):
    county(box)
    before = figures(box)["records"]
    for kind, text in (("people", PEOPLE), ("groups", GROUPS), ("staffing", STAFFING),
                       ("households", households(40, group=lambda i: "第一责任组" if i <= 20 else ""))):
        out = load(box, kind, text)  # without --from: when it happened is known from before
        assert (out["recorded"], out["bad"]) == (0, 0), kind
        assert out["duplicates"] > 0
    assert figures(box)["records"] == before


def test_changed_row_under_a_known_ref_is_refused(box):
    county(box)
    out = load(box, "households", "ref,place,address,head,members\n7,蔬菜村,别处7号,户7（测试）,3\n", code=1)
    assert [(f["line"], f["code"]) for f in out["faults"]] == [(2, "id_reused")]


def test_character_sets(box):
    box.init()
    text = "place,name,model\n蔬菜村,第一责任组,农村\n"
    for charset, village in (("utf-8", "蔬菜村"), ("utf-8-sig", "新华村"), ("gb18030", "文彩村")):
        out = load(box, "groups", text.replace("蔬菜村", village).replace("\n", "\r\n"), charset=charset)
        assert out["recorded"] == 1, charset


def test_dry_run_writes_nothing(box):
    box.init()
    before = figures(box)["records"]
    assert load(box, "people", PEOPLE, "--dry-run")["recorded"] == 6
    assert figures(box)["records"] == before
    assert load(box, "people", PEOPLE)["recorded"] == 6


def test_every_bad_row_is_listed_and_nothing_recorded(box):
    county(box)
    before = figures(box)["records"]
    out = load(box, "households", """ref,place,address,head,phone,members,tags,group,at
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
""", code=1)
    assert [(f["line"], f.get("column")) for f in out["faults"]] == [(3, 2), (4, 6), (5, 7), (6, 8), (7, 9), (8, 2), (9, 3), (10, 4), (11, 6), (13, None), (14, None), (15, None)]
    assert (out["bad"], out["recorded"]) == (12, 0)
    assert figures(box)["records"] == before


def test_long_listings_are_cut(box):
    box.init()
    box.write("g.csv", "place,name,model\n" + "无此村,组,农村\n" * 450)
    r = box.run("import", "groups", "g.csv", "--db", "t.db")
    lines = r.err.strip().splitlines()
    assert (r.code, len(lines)) == (1, 202)
    assert "250 more" in lines[200] and "450" in lines[201]


def test_staffing_refusals_name_the_row(box):
    county(box)
    out = load(box, "staffing", """place,group,person,role
蔬菜村,第一责任组,乙二（测试）,网格长
蔬菜村,第一责任组,无此人,组长
蔬菜村,第二责任组,丙三（测试）,村民代表
蔬菜村,第二责任组,丙三（测试）,皇帝
""", code=1)
    assert [(f["line"], f["code"]) for f in out["faults"]] == [(2, "role_not_in_model"), (3, "import_person"), (4, "not_qualified"), (5, "import_role")]


def test_people_of_one_name_are_told_apart_by_phone(box):
    county(box)
    load(box, "people", "name,category,place,phone\n丙三（测试）,居民,蔬菜村,13800000099\n", *SINCE)
    row = "place,group,person,phone,role\n蔬菜村,第二责任组,丙三（测试）,%s,小组长\n"
    assert refused(box, "staffing", row % "")[0][1] == "import_people"
    assert load(box, "staffing", row % "13800000099")["recorded"] == 1


def test_assignments_one_by_one_by_range_and_whole(box):
    county(box)
    one = "place,group,household\n蔬菜村,第二责任组,021\n蔬菜村,第二责任组,户22（测试）\n蔬菜村,第二责任组,蔬菜村1组23号\n"
    assert load(box, "assignments", one)["recorded"] == 3
    ranged = "place,group,from,to\n蔬菜村,第二责任组,24,40\n"
    assert load(box, "assignments", ranged)["recorded"] == 17
    again = load(box, "assignments", ranged)
    assert (again["recorded"], again["duplicates"]) == (0, 17)
    taken = load(box, "assignments", "place,group,from,to\n蔬菜村,第二责任组,20,21\n", code=1)
    assert taken["faults"][0]["code"] == "already_assigned"
    for text, code in (("place,group,from,to\n蔬菜村,第二责任组,900,910\n", "import_range_empty"),
                       ("place,group,from,to\n蔬菜村,第二责任组,9,1\n", "import_range"),
                       ("place,group\n新华村,第一责任组\n", "import_group")):
        assert refused(box, "assignments", text)[0][1] == code


def test_a_whole_grid_goes_to_a_group(box):
    box.init()
    load(box, "grids", "网格代码,名称\n610927100002001,广场社区第1网格\n", *SINCE)
    load(box, "groups", "place,name,model\n610927100002001,第一网格,urban\n", *SINCE)
    load(box, "households", households(30, village="610927100002001"), *SINCE)
    out = load(box, "assignments", "place,group\n610927100002001,第一网格\n", *SINCE)
    assert out["recorded"] == 30
    assert figures(box, "--place", "610927100002")["households"] == 30


def test_sites_teams_and_members(box):
    county(box)
    load(box, "sites", "name,kind,place,lon,lat\n城关检查点,检查点,城关镇,109.526412,31.883\n", *SINCE)
    load(box, "teams", "name,kind,place,site,under\n临时党委,临时党组织,城关镇,,\n检查点支部,temporary_branch,城关镇,城关检查点,临时党委\n", *SINCE)
    out = load(box, "members", "place,team,person,post\n城关镇,检查点支部,己六（测试）,书记\n", *SINCE)
    assert out["recorded"] == 1
    bad = load(box, "members", "place,team,person,post\n城关镇,检查点支部,丙三（测试）,成员\n", code=1)
    assert bad["faults"][0]["code"] == "import_person"  # enrolled below the town
    f = figures(box)
    assert (f["checkpoints"], f["teams.temporary_branch"], f["teams.temporary_organisation"]) == (1, 1, 1)


def test_divisions_are_added_and_known_ones_left(box):
    box.init()
    out = load(box, "divisions", "code,name,level,parent\n610927100200,蔬菜村委会,5,610927100000\n610927100299,新设村委会,5,610927100000\n")
    assert (out["recorded"], out["unchanged"]) == (1, 1)
    bad = load(box, "divisions", "code,name,level,parent\n610927100200,改名村委会,5,610927100000\n", code=1)
    assert bad["faults"][0]["code"] == "import_listed"
    assert figures(box)["villages"] == 63


def test_wrong_use(box):
    box.init()
    box.write("x.csv", "a,b\n1,2\n")
    box.write("g.csv", "name,model\nx,rural\n")
    box.write("g.xlsx", b"PK\x03\x04\x00")
    box.fails("import", "cattle", "x.csv", "--db", "t.db", code=2)
    box.fails("import", "groups", "x.csv", "--db", "t.db", "--from", "2020-13-01", code=2)
    for name, says in (("g.csv", '"place"'), ("x.csv", "not known"), ("g.xlsx", "xlsx"), ("none.csv", "none.csv")):
        box.fails("import", "groups", name, "--db", "t.db", says=says)


def test_through_a_server(box):
    """The store is served: imports go through the server and are there when they return."""
    county(box)
    box.account("county", "officer")
    with box.serve() as s:
        ranged = "place,group,from,to\n蔬菜村,第二责任组,21,40\n"
        assert load(box, "assignments", ranged, "--dry-run")["recorded"] == 20
        assert load(box, "assignments", ranged)["recorded"] == 20
        assert load(box, "assignments", ranged)["duplicates"] == 20
        status, body = s.call("GET", "/api/v1/grid/households?place=610927100200&limit=500", account="county")
        assert (status, len(body["items"])) == (200, 40)
        assert all(i["group_name"] for i in body["items"])
        taken = "place,group,from,to\n蔬菜村,第一责任组,21,30\n蔬菜村,第二责任组,1,2\n"
        assert refused(box, "assignments", taken) == [(2, "already_assigned"), (3, "already_assigned")]
    box.verified()


def test_odd_files(box):
    """Nothing but a header; blank rows; a long cell in the wrong place; bytes that are no text."""
    box.init()
    head = "place,name,model\n"
    assert load(box, "groups", head)["rows"] == 0
    assert load(box, "groups", head + ",,\n\n蔬菜村,甲组,rural\n,,\n")["recorded"] == 1
    long = "很" * 5000
    for text, code in ((f"{long},甲组,rural\n", "import_place"), (f"蔬菜村,乙组,{long}\n", "import_value"), (f"蔬菜村,{long},rural\n", "field_range")):
        assert refused(box, "groups", head + text) == [(2, code)]
    box.write("bin.csv", b"\x00\x01\x02\xff\xfe" * 50)
    box.fails("import", "groups", "bin.csv", "--db", "t.db")
    box.write("empty.csv", b"")
    box.fails("import", "groups", "empty.csv", "--db", "t.db")
