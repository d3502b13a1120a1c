//! 1.1 to 1.3: what holds for every request and every answer.

pub mod about;
pub mod api_list;
pub mod requests;
pub mod responses;
