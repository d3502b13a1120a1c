//! 1.4 Secure access of applications.

pub(crate) mod login;
pub(crate) mod refresh_token;
