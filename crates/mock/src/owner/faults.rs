//! Faults by order: what the platform's owner wants to go wrong.

use iotdm_spec::Op;
use iotdm_spec::model::ErrorRow;

use super::OwnerError;
use crate::faults::{ForceOrder, MOST_ORDERS, RestFaultOrder, Standing};
use crate::platform::Platform;
use crate::world::World;

fn too_many() -> OwnerError {
    OwnerError::BadOrder(format!("{MOST_ORDERS} orders stand already"))
}

/// The number of an order as it stands in a path.
pub(crate) fn order_number(text: &str) -> Result<u64, OwnerError> {
    text.parse().map_err(|_| OwnerError::UnknownOrder(text.to_owned()))
}

impl World {
    /// Orders answers from an error table.
    pub(crate) fn force(&mut self, order: ForceOrder) -> Result<Standing<ForceOrder>, OwnerError> {
        self.faults.add_forced(order).ok_or_else(too_many)
    }

    /// Orders a fault.
    pub(crate) fn order_rest_fault(&mut self, order: RestFaultOrder) -> Result<Standing<RestFaultOrder>, OwnerError> {
        order.fault.judge().map_err(|(member, why)| OwnerError::BadOrder(format!("{member}: {why}")))?;
        self.faults.add_fault(order).ok_or_else(too_many)
    }

    pub(crate) fn remove_forced(&mut self, id: u64) -> Result<(), OwnerError> {
        self.faults.remove_forced(id).then_some(()).ok_or(OwnerError::UnknownOrder(id.to_string()))
    }

    pub(crate) fn remove_rest_fault(&mut self, id: u64) -> Result<(), OwnerError> {
        self.faults.remove_fault(id).then_some(()).ok_or(OwnerError::UnknownOrder(id.to_string()))
    }
}

impl Platform {
    /// Answers calls of an operation with a row of its table.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
    /// use iotdm_mock::{ForceOrder, Platform};
    /// use iotdm_spec::{Op, devices::delete_device::error};
    ///
    /// let platform = Platform::builder().start().await.unwrap();
    /// let order = ForceOrder::new(Op::DeleteDevice, error::INTERNAL.row()).times(3);
    /// platform.force(order.application(&platform.application().id)).unwrap();
    /// assert_eq!(platform.forced()[0].struck, 0);
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`OwnerError::BadOrder`] if too many orders stand already.
    pub fn force(&self, order: ForceOrder) -> Result<Standing<ForceOrder>, OwnerError> {
        self.core.enter(|world| world.force(order))
    }

    /// Answers the next call of an operation with this row of its table.
    pub fn force_next(&self, op: Op, row: ErrorRow) {
        // Should thousands of orders stand, one more could not be the next to strike anyway.
        let _ = self.force(ForceOrder::new(op, row));
    }

    /// The ordered answers: those that stand, and the latest that were given.
    #[must_use]
    pub fn forced(&self) -> Vec<Standing<ForceOrder>> {
        self.core.enter(|world| world.faults.forced())
    }

    /// Takes an order for answers back.
    ///
    /// # Errors
    /// [`OwnerError::UnknownOrder`] if there is none of this number.
    pub fn remove_forced(&self, id: u64) -> Result<(), OwnerError> {
        self.core.enter(|world| world.remove_forced(id))
    }

    /// Takes all orders for answers back; says how many still stood.
    pub fn clear_forced(&self) -> usize {
        self.core.enter(|world| world.faults.clear_forced())
    }

    /// Orders a fault.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
    /// use iotdm_mock::{RestFault, RestFaultOrder, Platform};
    /// use iotdm_spec::Op;
    ///
    /// let platform = Platform::builder().start().await.unwrap();
    /// let order = RestFaultOrder::new(RestFault::Latency { ms: 200 }).operation(Op::QueryDevice).times(3);
    /// let ordered = platform.rest_fault(order).unwrap();
    /// assert_eq!(platform.rest_faults()[0].struck, 0);
    /// platform.remove_rest_fault(ordered.id).unwrap();
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`OwnerError::BadOrder`] if a number of the fault is out of its range, or too many orders stand.
    pub fn rest_fault(&self, order: RestFaultOrder) -> Result<Standing<RestFaultOrder>, OwnerError> {
        self.core.enter(|world| world.order_rest_fault(order))
    }

    /// The ordered faults, with how often each has struck: those that stand, and the latest that are
    /// carried out.
    #[must_use]
    pub fn rest_faults(&self) -> Vec<Standing<RestFaultOrder>> {
        self.core.enter(|world| world.faults.faults())
    }

    /// Takes an order for a fault back.
    ///
    /// # Errors
    /// [`OwnerError::UnknownOrder`] if there is none of this number.
    pub fn remove_rest_fault(&self, id: u64) -> Result<(), OwnerError> {
        self.core.enter(|world| world.remove_rest_fault(id))
    }

    /// Takes all orders for faults back; says how many still stood.
    pub fn clear_rest_faults(&self) -> usize {
        self.core.enter(|world| world.faults.clear_faults())
    }
}
