//! 1.10 Batch tasks.

pub(crate) mod create_batch_task;
pub(crate) mod query_batch_task;
pub(crate) mod query_sub_tasks;
