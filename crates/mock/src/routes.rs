//! From an operation to its handler: the `match` that the compiler keeps complete.

use iotdm_spec::clause::{Clause, Refusal};
use iotdm_spec::model::ErrorRow;
use iotdm_spec::{Op, universal};
use serde_json::{Map, Value};

use crate::gate::{Decision, Success};
use crate::world::{Caller, World};
use crate::{batch_tasks, commands, data, devices, groups, lora, security, subscriptions, upgrades};

/// What a handler answers: its clause's response, or a row of its clause's table.
pub(crate) type Answer<C> = Result<<C as Clause>::Response, Refusal<C>>;

/// Calls the operation's handler. An operation that needs a login has a caller: the gate has seen to it.
pub(crate) fn call(op: Op, world: &mut World, caller: Option<&Caller>, params: Map<String, Value>) -> Decision {
    match op {
        Op::Login => answer_open(security::login::login, world, params),
        Op::RefreshToken => answer_open(security::refresh_token::refresh_token, world, params),
        Op::RegisterByPassword => answer(devices::register_by_password::register_by_password, world, caller, params),
        Op::DeleteDevice => answer(devices::delete_device::delete_device, world, caller, params),
        Op::QueryActivation => answer(devices::query_activation::query_activation, world, caller, params),
        Op::QueryDevice => answer(data::query_device::query_device, world, caller, params),
        Op::QueryDevices => answer(data::query_devices::query_devices, world, caller, params),
        Op::QueryHistory => answer(data::query_history::query_history, world, caller, params),
        Op::RegisterByVerifyCode => {
            answer(devices::register_by_verify_code::register_by_verify_code, world, caller, params)
        }
        Op::RefreshKey => answer(devices::refresh_key::refresh_key, world, caller, params),
        Op::ModifyDevice => answer(devices::modify_device::modify_device, world, caller, params),
        Op::ModifyShadow => answer(devices::modify_shadow::modify_shadow, world, caller, params),
        Op::QueryShadow => answer(devices::query_shadow::query_shadow, world, caller, params),
        Op::QueryShadowHistory => answer(data::query_shadow_history::query_shadow_history, world, caller, params),
        Op::QueryCapabilities => answer(data::query_capabilities::query_capabilities, world, caller, params),
        Op::SubscribeBusinessData => {
            answer(subscriptions::subscribe_business_data::subscribe_business_data, world, caller, params)
        }
        Op::SubscribeManagementData => {
            answer(subscriptions::subscribe_management_data::subscribe_management_data, world, caller, params)
        }
        Op::QuerySubscription => answer(subscriptions::query_subscription::query_subscription, world, caller, params),
        Op::QuerySubscriptions => {
            answer(subscriptions::query_subscriptions::query_subscriptions, world, caller, params)
        }
        Op::DeleteSubscription => {
            answer(subscriptions::delete_subscription::delete_subscription, world, caller, params)
        }
        Op::DeleteSubscriptions => {
            answer(subscriptions::delete_subscriptions::delete_subscriptions, world, caller, params)
        }
        Op::SendCommand => answer(commands::send_command::send_command, world, caller, params),
        Op::CreateCommand => answer(commands::create_command::create_command, world, caller, params),
        Op::QueryCommands => answer(commands::query_commands::query_commands, world, caller, params),
        Op::ModifyCommand => answer(commands::modify_command::modify_command, world, caller, params),
        Op::CreateCancelTask => answer(commands::create_cancel_task::create_cancel_task, world, caller, params),
        Op::QueryCancelTasks => answer(commands::query_cancel_tasks::query_cancel_tasks, world, caller, params),
        Op::CreateGroup => answer(groups::create_group::create_group, world, caller, params),
        Op::DeleteGroup => answer(groups::delete_group::delete_group, world, caller, params),
        Op::ModifyGroup => answer(groups::modify_group::modify_group, world, caller, params),
        Op::QueryGroups => answer(groups::query_groups::query_groups, world, caller, params),
        Op::QueryGroup => answer(groups::query_group::query_group, world, caller, params),
        Op::QueryGroupMembers => answer(groups::query_group_members::query_group_members, world, caller, params),
        Op::AddGroupMembers => answer(groups::add_group_members::add_group_members, world, caller, params),
        Op::DeleteGroupMembers => answer(groups::delete_group_members::delete_group_members, world, caller, params),
        Op::CreateBatchTask => answer(batch_tasks::create_batch_task::create_batch_task, world, caller, params),
        Op::QueryBatchTask => answer(batch_tasks::query_batch_task::query_batch_task, world, caller, params),
        Op::QuerySubTasks => answer(batch_tasks::query_sub_tasks::query_sub_tasks, world, caller, params),
        Op::RegisterGateway => answer(lora::register_gateway::register_gateway, world, caller, params),
        Op::RegisterNode => answer(lora::register_node::register_node, world, caller, params),
        Op::QueryGateway => answer(lora::query_gateway::query_gateway, world, caller, params),
        Op::DeleteGateway => answer(lora::delete_gateway::delete_gateway, world, caller, params),
        Op::QueryNode => answer(lora::query_node::query_node, world, caller, params),
        Op::DeleteNode => answer(lora::delete_node::delete_node, world, caller, params),
        Op::QueryPackages => answer(upgrades::query_packages::query_packages, world, caller, params),
        Op::QueryPackage => answer(upgrades::query_package::query_package, world, caller, params),
        Op::DeletePackage => answer(upgrades::delete_package::delete_package, world, caller, params),
        Op::CreateSoftwareUpgrade => {
            answer(upgrades::create_software_upgrade::create_software_upgrade, world, caller, params)
        }
        Op::CreateFirmwareUpgrade => {
            answer(upgrades::create_firmware_upgrade::create_firmware_upgrade, world, caller, params)
        }
        Op::QueryUpgrade => answer(upgrades::query_upgrade::query_upgrade, world, caller, params),
        Op::QueryUpgradeDetails => {
            answer(upgrades::query_upgrade_details::query_upgrade_details, world, caller, params)
        }
        Op::QueryUpgrades => answer(upgrades::query_upgrades::query_upgrades, world, caller, params),
    }
}

fn answer<C: Clause>(
    handler: fn(&mut World, &Caller, C::Request) -> Answer<C>,
    world: &mut World,
    caller: Option<&Caller>,
    params: Map<String, Value>,
) -> Decision {
    let caller = caller.ok_or_else(|| universal::token_invalid(C::TABLE))?;
    let request = read::<C>(params)?;
    write::<C>(handler(world, caller, request))
}

fn answer_open<C: Clause>(
    handler: fn(&mut World, C::Request) -> Answer<C>,
    world: &mut World,
    params: Map<String, Value>,
) -> Decision {
    let request = read::<C>(params)?;
    write::<C>(handler(world, request))
}

/// The gate has judged the parameters by the table, and the table agrees with the type; what is
/// left are numbers beyond every integer.
fn read<C: Clause>(params: Map<String, Value>) -> Result<C::Request, ErrorRow> {
    serde_json::from_value(Value::Object(params)).map_err(|_| C::TABLE.input.invalid)
}

fn write<C: Clause>(answer: Answer<C>) -> Decision {
    let response = answer.map_err(|refusal| refusal.row())?;
    Ok(Success::new(move || {
        if C::TABLE.response.is_empty() {
            return Ok(Vec::new());
        }
        let internal = || universal::internal(C::TABLE).unwrap_or(C::TABLE.input.invalid);
        serde_json::to_vec(&response).map_err(|_| internal())
    }))
}
