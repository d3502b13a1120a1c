//! What the `iotdm` command and the tests share: the one place where mock and suite meet.

pub mod embedded;
