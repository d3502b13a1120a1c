//! 1.4.2 Refresh a token.

use iotdm_spec::security::refresh_token::{RefreshToken, Request, Response, error};
use iotdm_spec::wire::{TokenScope, TokenType};

use crate::application::ACCESS_TOKEN_LIFE;
use crate::routes::Answer;
use crate::world::World;

pub(crate) fn refresh_token(world: &mut World, call: Request) -> Answer<RefreshToken> {
    let now = world.now;
    let application =
        world.applications.with_credentials(&call.app_id, &call.secret).ok_or(error::CREDENTIALS_WRONG)?;
    if application.frozen {
        return Err(error::APPLICATION_FROZEN);
    }
    // Unknown, expired, used up, or another application's: one row for all.
    let valid = application.tokens.as_ref().is_some_and(|t| t.refresh == call.refresh_token && now < t.refresh_until);
    if !valid {
        return Err(error::INPUT_INVALID);
    }
    // Both earlier tokens die.
    let tokens = application.issue_tokens(&mut world.mint, now);
    Ok(Response {
        scope: TokenScope::Default,
        token_type: TokenType::Bearer,
        expires_in: ACCESS_TOKEN_LIFE.as_secs().cast_signed(),
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })
}
