//! 1.10.1 Create a batch task. Lines 5027 to 5123.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Field, Format, InputRefusals, Kind, Method, Operation, array, body, header, integer, object,
    string,
};
use crate::wire::{BatchTargetType, BatchTaskType};

clause!(CreateBatchTask);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.10.1",
    name: "create_batch_task",
    title: "Create a batch task",
    chapter: Chapter::BatchTasks,
    lines: (5027, 5123),
    method: Method::Post,
    path: "/iocm/app/batchtask/v1.1.0/tasks",
    uri_line: 5036,
    success_status: 200,
    success_line: 5086,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5043).required()),
        header(string("Authorization", "String", 5044).required()),
        body(string("appId", "String(64)", 5045).required().max_len(64)),
        body(object("param", "ObjectNode", 5046).required().members(PARAM)),
        body(string("taskName", "String", 5047).required().max_len(256)),
        body(string("taskType", "String", 5048).required().one_of(BatchTaskType::VALUES)),
        body(integer("timeout", "Integer", 5049).required().min(10).max(2880)),
        body(array("tags", &Kind::Object, "List<TagDTO2>", 5050).members(TAG)),
    ],
    response: &[string("taskID", "String", 5089)],
    errors: error::TABLE,
    input: InputRefusals::all(error::INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND: &[Field] = &[
    string("serviceId", "String(1-64)", 5072).required().len(1, 64),
    string("method", "String(1-128)", 5073).required().len(1, 128),
    object("paras", "ObjectNode", 5074),
];

/// Members of `param` (ObjectNode).
pub(crate) const PARAM: &[Field] = &[
    string("type", "String", 5055).required().one_of(BatchTargetType::VALUES),
    array("deviceList", &Kind::String, "List<String>", 5056).conditional("when type is DeviceList"),
    string("deviceType", "String", 5057).conditional("when type is DeviceType"),
    string("manufacturerId", "String", 5058).conditional("only when type is DeviceType"),
    string("model", "String", 5061).conditional("only when type is DeviceType"),
    string("deviceLocation", "String", 5062).conditional("when type is DeviceArea"),
    array("groupList", &Kind::String, "List<String>", 5063).conditional("when type is GroupIdList or GroupList"),
    object("command", "CommandDTO", 5064).required().members(COMMAND),
    string("callbackUrl", "String", 5065).format(Format::CallbackUrl),
    integer("maxRetransmit", "Integer(0~3)", 5066).min(0).max(3),
    string("groupTag", "String", 5067),
];

/// Members of `tags` (List<TagDTO2>).
pub(crate) const TAG: &[Field] = &[
    string("tagName", "String(1-128)", 5079).required().len(1, 128),
    string("tagValue", "String(1-1024)", 5082).required().len(1, 1024),
];

errors! { CreateBatchTask:
    APPLICATION_NOT_EXISTED_200 = 200, "100203", "The application is not existed.", 5105;
    RESOURCE_NOT_EXISTED = 200, "101001", "Resource doesn't exist.", 5106;
    TASK_LIMIT_REACHED = 200, "105001", "The batchTask count has reached the limit.", 5107;
    TASK_NAME_USED = 200, "105002", "The batchTask name has exist.", 5108;
    TAG_USED = 400, "105201", "The tagName and tagValue has been used on the platform.", 5109;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 5110;
    USER_HAS_NO_RIGHT = 401, "100028", "The user has no right.", 5111;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 5112;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 5113;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5114;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5115;
    TAG_NOT_EXISTED = 404, "105202", "The tag is not existed.", 5116;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 5120;
    INTERNAL = 500, "50252", "Internal server error.", 5121;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 5045.
    pub app_id: String,
    /// `param`, line 5046.
    pub param: ParamItem,
    /// `taskName`, line 5047.
    pub task_name: String,
    /// `taskType`, line 5048.
    pub task_type: BatchTaskType,
    /// `timeout`, line 5049.
    pub timeout: i64,
    /// `tags`, line 5050.
    pub tags: Option<Vec<Tag>>,
}

/// `param`: ObjectNode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BatchTaskParam")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ParamItem {
    /// `type`, line 5055.
    #[serde(rename = "type")]
    pub kind: BatchTargetType,
    /// `deviceList`, line 5056.
    pub device_list: Option<Vec<String>>,
    /// `deviceType`, line 5057.
    pub device_type: Option<String>,
    /// `manufacturerId`, line 5058.
    pub manufacturer_id: Option<String>,
    /// `model`, line 5061.
    pub model: Option<String>,
    /// `deviceLocation`, line 5062.
    pub device_location: Option<String>,
    /// `groupList`, line 5063.
    pub group_list: Option<Vec<String>>,
    /// `command`, line 5064.
    pub command: Command,
    /// `callbackUrl`, line 5065.
    pub callback_url: Option<String>,
    /// `maxRetransmit`, line 5066.
    pub max_retransmit: Option<i64>,
    /// `groupTag`, line 5067.
    pub group_tag: Option<String>,
}

/// `command`: CommandDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BatchTaskCommand")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Command {
    /// `serviceId`, line 5072.
    pub service_id: String,
    /// `method`, line 5073.
    pub method: String,
    /// `paras`, line 5074.
    pub paras: Option<Object>,
}

/// `tags`: List<TagDTO2>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BatchTaskTag")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Tag {
    /// `tagName`, line 5079.
    pub tag_name: String,
    /// `tagValue`, line 5082.
    pub tag_value: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `taskID`, line 5089.
    #[serde(rename = "taskID")]
    pub task_id: String,
}

rules! {
    "batch-on-connected-devices" = Application May 5025: "Through the batch calls an application may operate in bulk on devices that are connected to the platform.";
    "cached-commands-only" = Platform Must 5031: "The only batch operation that the platform supports is sending cached commands to a batch of devices.";
    "param-by-task-type" = Application Must 5046: "The application fills param with the parameters that belong to the taskType.";
    "timeout-minutes" = Platform Must 5049: "The platform takes timeout as the time limit of the task in minutes.";
    "device-type-in-profile" = Application Must 5057: "deviceType is the one that the profile defines.";
    "manufacturer-with-device-type" = Application May 5058: "The application may give manufacturerId when type is DeviceType.";
    "manufacturer-in-profile" = Application Must 5058: "manufacturerId is the one that the profile defines.";
    "model-with-device-type" = Application May 5061: "The application may give model when type is DeviceType.";
    "model-in-profile" = Application Must 5061: "model is the one that the profile defines.";
    "group-list-content" = Application Must 5063: "groupList holds group ids when type is GroupIdList and names of device groups when type is GroupList.";
    "callback-results" = Platform Must 5065: "The platform pushes the results of the command to callbackUrl.";
    "max-retransmit" = Platform Must 5066: "The platform retransmits a command at most maxRetransmit times.";
    "service-in-profile" = Application Must 5072: "The serviceId of the command is a service that the profile defines.";
    "method-in-profile" = Application Must 5073: "method is a command name that the profile defines.";
    "paras-keys" = Application Must 5074: "Each key of paras is a parameter name (paraName) of the command in the profile.";
    "paras-format-agreed" = Application Must 5074: "The concrete format of paras is agreed between application and device.";
    "unfinished-task-limit" = Platform Must 5107: "The platform answers that the number of tasks has reached its limit when 10 or more tasks are unfinished.";
    "task-name-unique" = Application Must 5108: "taskName is not the name of a task that exists already; after the refusal the application changes it.";
}

errata! {
    5045: "appId is required, but to be filled in only under an authorised application" => "required: the own appId or that of an authorised application", "cell and description contradict each other, as does the advice in line 5113; the column wins", "A-214";
    5047: "String, with a length of 256 in the description only" => "at most 256 characters", "the bound stands in the text, not in the type cell", "";
    5049: "timeout in minutes" => "minutes here, seconds in 1.10.2 (line 5161)", "the same member has two units", "A-216";
    5050: "List <ta gDTO2 ></ta" => "List<TagDTO2>", "the type was taken for a markup tag", "";
    5056: "List <str ing></str" => "List<String>", "the type was taken for a markup tag", "";
    5056: "conditionally required, for deviceList and the other targets" => "a missing target of the given type is 400/50400, a superfluous one is ignored", "what happens with the wrong targets is not said", "A-220";
    5058: "conditionally optional" => "optional, of use only when type is DeviceType", "such a condition makes nothing obligatory", "A-220";
    5061: "conditionally optional" => "optional, of use only when type is DeviceType", "such a condition makes nothing obligatory", "A-220";
    5063: "List <str ing></str" => "List<String>", "the type was taken for a markup tag", "";
    5063: "GroupldList" => "GroupIdList: ids; GroupList: names; echoed in the query for both", "l read for I; one member for ids and names", "A-221";
    5074: "paras in jsonString format" => "a JSON object", "the type cell says ObjectNode", "";
    5074: "paras is optional" => "optional here, required in 1.9.1", "the tables of the clauses differ", "A-180";
    5074: "\"healthy\" value pair and each \"healthy\" (wrong character)" => "key-value pair and each key", "typing error", "";
    5089: "taskID" => "taskID in this answer only, taskId everywhere else", "table and sample agree here; lines 5144 and 5154 differ", "A-215";
    5091: "heading of the request sample without a sample" => "no sample; only the tables bind", "missing from the text, and so is the heading of the error codes", "";
    5105: "100203 with status 200, 403 (line 5112) and 500 (line 5120)" => "403/100203 for an unknown appId; the other two only by injection", "one code with three statuses and the same text", "A-14";
    5105: "errors with HTTP 200 (lines 5105 to 5108)" => "HTTP 200 with an error body, literally", "success is HTTP 200 as well", "A-13";
    5106: "200/101001 Resource doesn't exist." => "the target resolves to nothing", "which resource is not said", "A-219";
    5107: "10 or more unfinished tasks" => "with 10 pending or running tasks of the application the next one is refused", "the scope of the count is not said", "A-217";
    5108: "the task name exists already" => "unique per application, finished tasks included", "the scope is not said", "A-218";
    5109: "tagName and tagValue used on the platform" => "the same name and value on another task; 404/105202 (line 5116): unknown groupTag", "the conditions of the two tag errors are not said", "A-222";
    5117: "a row of dots" => "no row", "leader dots at a page break", "";
}
