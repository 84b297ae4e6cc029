/* The parts of the OpenAPI document that no table tells: security, common
 * parameters and answers, signing in, recording, health. JSON with ' in place
 * of " — describe_openapi.c, which alone includes this, turns it back; so no
 * text here holds an apostrophe. */
#ifndef APP_OPENAPI_FIXED_H
#define APP_OPENAPI_FIXED_H

static const char INFO_REST[] =
	"'summary':'Joint prevention and control, down to the household · 联防联控，落实到户',"
	"'description':'Facts are recorded once as events and never edited; everything else is computed from them. Times are "
	"RFC 3339 with an offset, days YYYY-MM-DD in Asia/Shanghai, place codes strings of 12 digits (a grid 15), ids UUIDs. "
	"Members that are absent are left out. Errors are problem documents (RFC 9457), their texts in the language of "
	"Accept-Language (zh-CN unless told, or en). Unknown members and parameters are refused. A request holds at most 4 MiB "
	"and 1000 events.',"
	"'license':{'name':'Apache-2.0','identifier':'Apache-2.0'}";

static const char SECURITY[] = "[{'bearer':[]},{'cookie':[],'mark':[]}]";

static const char SECURITY_SCHEMES[] =
	"{'bearer':{'type':'http','scheme':'bearer','description':'The token of POST /api/v1/session'},"
	"'cookie':{'type':'apiKey','in':'cookie','name':'lianfang','description':'Set by POST /api/v1/session; goes with the "
	"header X-Lianfang'},"
	"'mark':{'type':'apiKey','in':'header','name':'X-Lianfang','description':'1: says that the call with the cookie was "
	"meant'}}";

/* ---- answers -------------------------------------------------------------------- */

#define PROBLEM_AS(text) "{'description':'" text "','content':{'application/problem+json':{'schema':{'$ref':'#/components/schemas/Problem'}}}}"
#define PROBLEM_LATER(text)                                                                                                              \
	"{'description':'" text "','headers':{'Retry-After':{'description':'Seconds','schema':{'type':'integer'}}},"                     \
	"'content':{'application/problem+json':{'schema':{'$ref':'#/components/schemas/Problem'}}}}"

static const char RESPONSES[] =
	"{'BadRequest':" PROBLEM_AS("Malformed, or a member or parameter is wrong; field names it · 请求有误")
	",'Unauthenticated':" PROBLEM_AS("Not signed in · 需要登录")
	",'Forbidden':" PROBLEM_AS("No role held may do this · 不允许")
	",'NotFound':" PROBLEM_AS("Not there, or out of scope · 没有找到")
	",'TooLarge':" PROBLEM_AS("More than 4 MiB or 1000 events · 内容过大")
	",'Locked':" PROBLEM_LATER("Too many failed sign-ins · 尝试过多")
	",'Busy':" PROBLEM_LATER("Try again later; sending the same again is safe · 稍后重试")
	",'Conflict':{'description':'Atomic, and at least one event was refused: nothing was recorded · 整批未记录',"
	"'content':{'application/problem+json':{'schema':{'$ref':'#/components/schemas/Conflict'}}}}}";

#define ANSWER_REF(status, name) "'" status "':{'$ref':'#/components/responses/" name "'}"

/* What any view may answer besides 200. */
static const char VIEW_PROBLEMS[] =
	ANSWER_REF("400", "BadRequest") "," ANSWER_REF("401", "Unauthenticated") "," ANSWER_REF("403", "Forbidden") "," ANSWER_REF(
		"404", "NotFound") "," ANSWER_REF("503", "Busy");

/* ---- schemas --------------------------------------------------------------------- */

#define TEXT_   "{'type':'string'}"
#define WHOLE   "{'type':'integer','format':'int64'}"
#define FLAG    "{'type':'boolean'}"
#define REF(to) "{'$ref':'#/components/schemas/" to "'}"
#define MANY(of) "{'type':'array','items':" of "}"
#define PLACE_PATTERN "^([0-9]{12}|[0-9]{15})$"

static const char SCHEMAS[] =
	"'Problem':{'type':'object','description':'RFC 9457','required':['type','title','status','code','detail'],'properties':{"
	"'type':{'type':'string','format':'uri'},'title':" TEXT_ ",'status':{'type':'integer'},"
	"'code':{'type':'string','description':'Stable name of the error'},'detail':" TEXT_
	",'field':{'type':'string','description':'The member or parameter at fault, such as people[1].temperature'}}},"
	"'Conflict':{'allOf':[" REF("Problem") "," REF("Results") "]},"
	"'Refusal':{'type':'object','required':['code','message'],'properties':{'code':" TEXT_ ",'field':" TEXT_ ",'message':" TEXT_ "}},"
	"'Result':{'type':'object','required':['status'],'properties':{"
	"'id':{'type':'string','format':'uuid','description':'Left out when the event had none that could be read'},"
	"'status':{'type':'string','enum':['recorded','duplicate','refused']},"
	"'seq':{'type':'integer','format':'int64','description':'Number in the ledger; left out when refused'},"
	"'error':" REF("Refusal") ",'warnings':" MANY(REF("Refusal")) "}},"
	"'Results':{'type':'object','required':['results'],'properties':{'results':" MANY(REF("Result")) "}},"
	"'SignIn':{'type':'object','required':['account','password'],'additionalProperties':false,'properties':{"
	"'account':" TEXT_ ",'password':{'type':'string','format':'password'},'code':" TEXT_ "}},"
	"'Session':{'type':'object','required':['expires','account','roles'],'properties':{"
	"'token':{'type':'string','description':'Only in the answer to POST'},'expires':{'type':'string','format':'date-time'},"
	"'account':" TEXT_ ",'person':{'type':'string','format':'uuid'},'roles':" MANY(REF("SessionRole")) "}},"
	"'SessionRole':{'type':'object','required':['role','place','place_name'],'properties':{'role':" TEXT_
	",'place':{'type':'string','pattern':'" PLACE_PATTERN "'},'place_name':" TEXT_ ",'until':{'type':'string','format':'date-time'}}},"
	"'Catalogue':{'type':'object','required':['types','figures','roles','modules'],'properties':{'types':" MANY(REF("CatalogueType"))
	",'figures':" MANY(REF("CatalogueFigure")) ",'roles':" MANY(REF("CatalogueRole")) ",'modules':" MANY(REF("CatalogueModule")) "}},"
	"'CatalogueType':{'type':'object','required':['type','module','zh','en','roles','standing','server_only','levels','fields'],"
	"'properties':{'type':" TEXT_ ",'module':" TEXT_ ",'zh':" TEXT_ ",'en':" TEXT_ ",'roles':" MANY(TEXT_)
	",'standing':{'type':'boolean','description':'Belongs to no incident'},"
	"'server_only':{'type':'boolean','description':'Never taken from a request'},"
	"'levels':{'type':'array','items':{'type':'integer'},'description':'Levels its place must be of; empty: any'},"
	"'fields':" MANY(REF("CatalogueField")) "}},"
	"'CatalogueField':{'type':'object','required':['name','kind','needed','personal','zh','en'],'properties':{"
	"'name':" TEXT_ ",'kind':" TEXT_ ",'needed':" FLAG ",'personal':" FLAG ",'zh':" TEXT_ ",'en':" TEXT_ ",'values':" MANY(TEXT_)
	",'values_zh':" MANY(TEXT_) ",'min':" WHOLE ",'max':" WHOLE ",'thing':" TEXT_ ",'element':" TEXT_
	",'fields':" MANY(REF("CatalogueField")) "}},"
	"'CatalogueFigure':{'type':'object','required':['name','zh','en','per_incident','module'],'properties':{"
	"'name':" TEXT_ ",'zh':" TEXT_ ",'en':" TEXT_ ",'per_incident':" FLAG ",'module':" TEXT_ "}},"
	"'CatalogueRole':{'type':'object','required':['role','zh'],'properties':{'role':" TEXT_ ",'zh':" TEXT_ "}},"
	"'CatalogueModule':{'type':'object','required':['name','zh','en'],'properties':{'name':" TEXT_ ",'zh':" TEXT_ ",'en':" TEXT_ "}},"
	"'GeoPolygon':{'type':'object','description':'GeoJSON, RFC 7946','required':['type','coordinates'],'properties':{"
	"'type':{'type':'string','enum':['Polygon','MultiPolygon']},'coordinates':{'type':'array','items':{}}}},"
	"'EventBatch':{'type':'object','required':['events'],'additionalProperties':false,'properties':{"
	"'events':{'type':'array','maxItems':1000,'items':" REF("NewEvent") "},"
	"'atomic':{'type':'boolean','description':'All are recorded or none'}}}";

/* ---- paths ------------------------------------------------------------------------- */

#define ANSWER_JSON(text, schema) "'200':{'description':'" text "','content':{'application/json':{'schema':" schema "}}}"
#define NOT_CHANGED \
	"'304':{'description':'Not changed since the ETag of If-None-Match'}"

static const char EVENTS_POST[] =
	"'post':{'operationId':'post_events','tags':['records'],'summary':'Record events','description':'The only write: one event, or a "
	"batch. Answered when durable; the same again is a duplicate. Each event of a batch stands alone, in order, unless atomic. · "
	"记录事件：唯一的写入口','parameters':[{'name':'X-Lianfang-Clock','in':'header','required':false,"
	"'schema':{'type':'string','format':'date-time'},'description':'The clock of the device, so that its skew is noticed'}],"
	"'requestBody':{'required':true,'content':{'application/json':{'schema':{'oneOf':[" REF("NewEvent") "," REF("EventBatch") "]}}}},"
	"'responses':{" ANSWER_JSON("What became of each event, in order", REF("Results")) "," ANSWER_REF("400", "BadRequest") ","
	ANSWER_REF("401", "Unauthenticated") "," ANSWER_REF("403", "Forbidden") "," ANSWER_REF("409", "Conflict") ","
	ANSWER_REF("413", "TooLarge") "," ANSWER_REF("503", "Busy") "}}";

static const char PATHS[] =
	"'/api/v1/session':{"
	"'post':{'operationId':'post_session','tags':['session'],'summary':'Sign in','description':'Also sets the cookie. · 登录',"
	"'security':[],'requestBody':{'required':true,'content':{'application/json':{'schema':" REF("SignIn") "}}},"
	"'responses':{" ANSWER_JSON("Signed in", REF("Session")) "," ANSWER_REF("400", "BadRequest") "," ANSWER_REF("401", "Unauthenticated")
	"," ANSWER_REF("403", "Forbidden") "," ANSWER_REF("429", "Locked") "," ANSWER_REF("503", "Busy") "}},"
	"'get':{'operationId':'get_session','tags':['session'],'summary':'Who is signed in','description':'当前登录',"
	"'responses':{" ANSWER_JSON("The session, without its token", REF("Session")) "," ANSWER_REF("401", "Unauthenticated") ","
	ANSWER_REF("503", "Busy") "}},"
	"'delete':{'operationId':'delete_session','tags':['session'],'summary':'Sign out','description':'退出登录',"
	"'responses':{'204':{'description':'Signed out'}," ANSWER_REF("401", "Unauthenticated") "," ANSWER_REF("503", "Busy") "}}},"
	"'/api/v1/catalogue':{'get':{'operationId':'get_catalogue','tags':['server'],'summary':'Event types, figures, roles with "
	"labels and limits','description':'记录类型、指标、岗位目录','security':[],"
	"'responses':{" ANSWER_JSON("The catalogue", REF("Catalogue")) "," NOT_CHANGED "}}},"
	"'/openapi.json':{'get':{'operationId':'get_openapi','tags':['server'],'summary':'This document','description':'本文档','security':[],"
	"'responses':{" ANSWER_JSON("OpenAPI 3.1", "{'type':'object'}") "," NOT_CHANGED "}}},"
	"'/healthz':{'get':{'operationId':'get_health','tags':['server'],'summary':'The process runs','description':'存活','security':[],"
	"'responses':{" ANSWER_JSON("Well", "{'type':'object','required':['status'],'properties':{'status':{'const':'ok'}}}") "}}},"
	"'/readyz':{'get':{'operationId':'get_ready','tags':['server'],'summary':'New work is welcome','description':'就绪','security':[],"
	"'responses':{" ANSWER_JSON("Ready", "{'type':'object','required':['status'],'properties':{'status':{'const':'ready'}}}") ","
	ANSWER_REF("503", "Busy") "}}},"
	"'/metrics':{'get':{'operationId':'get_metrics','tags':['server'],'summary':'Counters for Prometheus','description':'监控指标',"
	"'responses':{'200':{'description':'Text of version 0.0.4','content':{'text/plain':{'schema':" TEXT_ "}}},"
	ANSWER_REF("401", "Unauthenticated") "}}}";

static const char FIXED_TAGS[] =
	"{'name':'session','description':'Signing in and out · 登录'},{'name':'server','description':'The server about itself · 服务自述'}";

#endif
