//! 1.4.1 Login.

use iotdm_spec::security::login::{Login, Request, Response, error};
use iotdm_spec::wire::{TokenScope, TokenType};

use crate::application::ACCESS_TOKEN_LIFE;
use crate::routes::Answer;
use crate::world::World;

pub(crate) fn login(world: &mut World, call: Request) -> Answer<Login> {
    let now = world.now;
    let application =
        world.applications.with_credentials(&call.app_id, &call.secret).ok_or(error::CREDENTIALS_WRONG)?;
    if application.frozen {
        return Err(error::APPLICATION_FROZEN);
    }
    //= 1.4.1/rule/earlier-tokens-die
    let tokens = application.issue_tokens(&mut world.mint, now);
    Ok(Response {
        scope: TokenScope::Default,
        token_type: TokenType::Bearer,
        expires_in: ACCESS_TOKEN_LIFE.as_secs().cast_signed(),
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })
}
