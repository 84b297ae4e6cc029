/* The checkpoints module's shapes and descriptor. */
#include "domain/checkpoints/checkpoints.h"

#include "checkpoints.sql.h"
#include "domain/checkpoints/internal.h"

#define AT(type, member) offsetof(struct type, member)

const char *const DIRECTIONS[] = { "in", "out", NULL };
const char *const DIRECTIONS_ZH[] = { "驶入", "驶出", NULL };
const char *const VEHICLE_KINDS[] = { "car", "truck", "bus", "motorcycle", "other", "on_foot", NULL };
const char *const VEHICLE_KINDS_ZH[] = { "小客车", "货车", "客车", "摩托车", "其他", "步行", NULL };
const char *const DECISIONS[] = { "pass", "turned_back", "follow_up", "referred", NULL };
const char *const DECISIONS_ZH[] = { "放行", "劝返", "放行并随访", "转送就诊", NULL };
const char *const SYMPTOMS[] = { "fever", "cough", "fatigue", "breath", "diarrhoea", "other", NULL };
const char *const SYMPTOMS_ZH[] = { "发热", "咳嗽", "乏力", "呼吸困难", "腹泻", "其他", NULL };

static const struct field TRAVELLER_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(traveller, name), .max = 40, .zh = "姓名", .en = "Name" },
	{ "id_number", FIELD_IDNO, FIELD_LOOKUP, AT(traveller, id_number), .zh = "身份证号",
	  .en = "Citizen id number" },
	{ "phone", FIELD_PHONE, FIELD_LOOKUP, AT(traveller, phone), .zh = "电话", .en = "Phone" },
};
struct shape TRAVELLER = { .name = "Traveller", SHAPE_OF(TRAVELLER_FIELDS, struct traveller) };

static const struct field DESTINATION_FIELDS[] = {
	{ "place", FIELD_PLACE, 0, AT(destination, place), .zh = "目的地区划", .en = "Division" },
	{ "text", FIELD_TEXT, 0, AT(destination, text), .max = 120, .zh = "目的地", .en = "In words" },
};
static struct shape DESTINATION = { .name = "Destination", SHAPE_OF(DESTINATION_FIELDS, struct destination) };

static const struct field VEHICLE_FIELDS[] = {
	/* Needed when sent, which the command sees to: what is recorded has it with the first person. */
	{ "plate", FIELD_PLATE, 0, AT(vehicle, plate), .zh = "号牌（必填）", .en = "Plate (needed)" },
	{ "kind", FIELD_ENUM, 0, AT(vehicle, kind), .values = VEHICLE_KINDS, .values_zh = VEHICLE_KINDS_ZH,
	  .zh = "车型", .en = "Kind" },
};
static struct shape VEHICLE = { .name = "Vehicle", SHAPE_OF(VEHICLE_FIELDS, struct vehicle) };

static const struct field SCREENED_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_OPEN_REF, AT(screened, subject), .thing = THING_SUBJECT, .zh = "对象",
	  .en = "Subject (made by the server when left out)" },
	{ "person", FIELD_OBJECT, FIELD_NEEDED | FIELD_PERSONAL, AT(screened, person), .shape = &TRAVELLER,
	  .zh = "人员", .en = "Person" },
	{ "plate", FIELD_PLATE, FIELD_PERSONAL, AT(screened, plate), .zh = "所乘车辆号牌",
	  .en = "Plate of their vehicle (filled by the server)" },
	{ "address", FIELD_TEXT, FIELD_PERSONAL, AT(screened, address), .max = 120, .zh = "落脚地址",
	  .en = "Address stayed at" },
	{ "origin", FIELD_TEXT, 0, AT(screened, origin), .max = 60, .zh = "来自", .en = "From where" },
	{ "destination", FIELD_OBJECT, 0, AT(screened, destination), .shape = &DESTINATION, .zh = "去往",
	  .en = "Where to" },
	{ "temperature", FIELD_TEMPERATURE, 0, AT(screened, temperature), .zh = "体温", .en = "Temperature" },
	{ "symptoms", FIELD_LIST, FIELD_PERSONAL, AT(screened, symptoms), .max = 6, .element = FIELD_ENUM,
	  .values = SYMPTOMS, .values_zh = SYMPTOMS_ZH, .zh = "症状", .en = "Symptoms" },
	{ "unwell", FIELD_BOOL, 0, AT(screened, unwell), .zh = "有症状", .en = "Has symptoms" },
	{ "decision", FIELD_ENUM, FIELD_NEEDED, AT(screened, decision), .values = DECISIONS, .values_zh = DECISIONS_ZH,
	  .zh = "处置", .en = "Decision" },
	{ "note", FIELD_TEXT, FIELD_PERSONAL, AT(screened, note), .zh = "备注", .en = "Note" },
};
struct shape SCREENED = { .name = "PersonScreened", SHAPE_OF(SCREENED_FIELDS, struct screened), .owner = "subject" };

static const struct field RECORDED_FIELDS[] = {
	{ "direction", FIELD_ENUM, FIELD_NEEDED, AT(screening_recorded, direction), .values = DIRECTIONS,
	  .values_zh = DIRECTIONS_ZH, .zh = "方向", .en = "Direction" },
	{ "vehicle", FIELD_OBJECT, 0, AT(screening_recorded, vehicle), .shape = &VEHICLE, .zh = "车辆",
	  .en = "Vehicle" },
	{ "people", FIELD_LIST, FIELD_NEEDED, AT(screening_recorded, people), 1, 60, .element = FIELD_OBJECT,
	  .shape = &SCREENED, .zh = "人员", .en = "People" },
};
struct shape SCREENING_RECORDED = { .name = "ScreeningRecorded", SHAPE_OF(RECORDED_FIELDS, struct screening_recorded) };

static const struct field ISSUED_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(pass_issued, subject), .thing = THING_SUBJECT,
	  .zh = "持证人", .en = "Holder" },
	{ "person", FIELD_OBJECT, FIELD_PERSONAL, AT(pass_issued, person), .shape = &TRAVELLER, .zh = "人员",
	  .en = "Person" },
	{ "plate", FIELD_PLATE, FIELD_PERSONAL, AT(pass_issued, plate), .zh = "号牌", .en = "Plate" },
	{ "valid_from", FIELD_TIME, FIELD_NEEDED, AT(pass_issued, valid_from), .zh = "有效期自", .en = "Valid from" },
	{ "valid_to", FIELD_TIME, FIELD_NEEDED, AT(pass_issued, valid_to), .zh = "有效期至", .en = "Valid to" },
	{ "purpose", FIELD_TEXT, FIELD_NEEDED, AT(pass_issued, purpose), .max = PASS_PURPOSE_MAX, .zh = "事由",
	  .en = "Purpose" },
};
static struct shape PASS_ISSUED = { .name = "PassIssued",
				    SHAPE_OF(ISSUED_FIELDS, struct pass_issued),
				    .owner = "subject" };

static const struct field REVOKED_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(pass_revoked, subject), .thing = THING_SUBJECT,
	  .zh = "持证人", .en = "Holder" },
	{ "pass", FIELD_REF, FIELD_OPEN_REF, AT(pass_revoked, pass), .thing = THING_EVENT, .zh = "通行证",
	  .en = "Pass" },
	{ "valid_from", FIELD_TIME, 0, AT(pass_revoked, valid_from), .zh = "有效期自", .en = "Valid from" },
	{ "valid_to", FIELD_TIME, 0, AT(pass_revoked, valid_to), .zh = "有效期至", .en = "Valid to" },
	{ "purpose", FIELD_TEXT, 0, AT(pass_revoked, purpose), .max = PASS_PURPOSE_MAX, .zh = "事由", .en = "Purpose" },
	{ "reason", FIELD_TEXT, 0, AT(pass_revoked, reason), .zh = "撤销原因", .en = "Reason" },
};
static struct shape PASS_REVOKED = { .name = "PassRevoked", SHAPE_OF(REVOKED_FIELDS, struct pass_revoked) };

static const struct event_type EVENTS[] = {
	{ .form = { "screening.recorded", &SCREENING_RECORDED, RANK_CHANGE },
	  .roles = AT_CHECKPOINTS,
	  .flags = EVENT_MANY,
	  .zh = "检查登记",
	  .en = "Screening recorded",
	  .fill = screening_fill,
	  .check = screening_check,
	  .project = screening_project },
	{ .form = { "pass.issued", &PASS_ISSUED, RANK_OPEN },
	  .roles = AT_CHECKPOINTS,
	  .zh = "通行证签发",
	  .en = "Pass issued",
	  .check = pass_issued_check,
	  .project = pass_issued_project,
	  .check_void = pass_issued_void },
	{ .form = { "pass.revoked", &PASS_REVOKED, RANK_CLOSE },
	  .roles = AT_CHECKPOINTS,
	  .zh = "通行证撤销",
	  .en = "Pass revoked",
	  .check = pass_revoked_check,
	  .project = pass_revoked_project },
};

static const struct reaction REACTIONS[] = {
	{ .type = "screening.recorded", .tell = screening_tell },
	/* Screenings stand without a link to their site, being many: so what the core would see is looked for here. */
	{ .type = "site.opened", .check_void = site_opened_void },
	{ .type = "site.closed", .follow = site_closed_follow },
};

static const struct view VIEWS[] = {
	{ "/api/v1/checkpoints/sites", AT_CHECKPOINTS, PARAM_PLACE | PARAM_PAGE, &CHECKPOINT_ITEM, "items", "检查点",
	  "Checkpoints and their day", sites_view },
	{ "/api/v1/checkpoints/screenings", AT_CHECKPOINTS,
	  PARAM_PLACE | PARAM_SITE | PARAM_DAYS | PARAM_PAGE | PARAM_Q, &SCREENING_ITEM, "items", "检查记录",
	  "Screenings, newest first", screenings_view },
	{ "/api/v1/checkpoints/screenings/{id}", AT_CHECKPOINTS, PARAM_REASON | PARAM_ABOUT, &SCREENING_ITEM, NULL,
	  "一条检查记录", "A screening", screening_view },
	{ "/api/v1/checkpoints/remembered", AT_CHECKPOINTS, PARAM_Q, &REMEMBERED_ITEM, "items",
	  "按身份证号或电话找回登记过的人员", "People screened before, by id number or phone", remembered_view },
	{ "/api/v1/checkpoints/passes", AT_CHECKPOINTS, PARAM_PLACE | PARAM_PAGE | PARAM_ABOUT, &PASS_ITEM, "items",
	  "通行证", "Passes, newest first", passes_view },
	{ "/api/v1/checkpoints/passes/{id}", AT_CHECKPOINTS, PARAM_REASON, &PASS_ITEM, NULL, "一张通行证", "A pass",
	  pass_view },
	{ "/api/v1/checkpoints/revocations", AT_CHECKPOINTS, 0, &REVOCATIONS_ANSWER, NULL, "已撤销的通行证和验证公钥",
	  "Revoked passes, and the key that verifies passes", revocations_view },
};

static const char *const TABLES[] = { "passage", "pass", "pass_revocation", NULL };

const struct module CHECKPOINTS_MODULE = {
	.name = "checkpoints",
	.rank = 4,
	.zh = "检查点",
	.en = "Checkpoints",
	.schema = CHECKPOINTS_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.reactions = REACTIONS,
	.n_reactions = ARRAY_LEN(REACTIONS),
	.views = VIEWS,
	.n_views = ARRAY_LEN(VIEWS),
	.figures = CHECKPOINTS_FIGURES,
	.n_figures = CHECKPOINTS_N_FIGURES,
};
