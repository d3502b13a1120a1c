//! 1.4 Secure access of applications.

pub mod login;
pub mod refresh_token;
