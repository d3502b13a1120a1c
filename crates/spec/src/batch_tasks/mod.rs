//! 1.10 Batch tasks.

pub mod create_batch_task;
pub mod query_batch_task;
pub mod query_sub_tasks;
