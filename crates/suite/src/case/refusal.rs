//! Which refusals a case accepts, named by the contract's conditions.

use iotdm_spec::model::{ErrorRow, Operation};
use iotdm_spec::universal;

/// Which refusals a case accepts.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What the case calls it, for messages.
    pub name: String,
    /// The rows that are right.
    pub rows: Vec<ErrorRow>,
    /// What else is tolerated.
    pub otherwise: Otherwise,
}

/// What a refusal may be beside the rows that are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// Nothing.
    Nothing,
    /// The status of one of the rows with another code of the table: a warning.
    OtherCode,
    /// The status of one of the rows with any code: the table has no row for this.
    AnyCode,
    /// Any refusal with an error body.
    Anything,
}

impl Refusal {
    /// The rows of the operation for these conditions; a condition without a status suffix means
    /// every row of that condition.
    ///
    /// # Errors
    /// The condition that the operation does not know.
    pub fn named(op: &Operation, names: &[String]) -> Result<Self, String> {
        let mut rows = Vec::new();
        for name in names {
            let found: Vec<ErrorRow> = known_rows(op).into_iter().filter(|row| is_condition(row, name)).collect();
            if found.is_empty() {
                return Err(name.clone());
            }
            rows.extend(found);
        }
        Ok(Self { name: names.join(" or "), rows, otherwise: Otherwise::Nothing })
    }

    /// Any of the operation's rows for bad input, and those of the parameter itself.
    #[must_use]
    pub fn input(op: &Operation, own: Option<ErrorRow>) -> Self {
        let general = [op.input.malformed, op.input.missing, op.input.out_of_range, op.input.invalid];
        let listed = general.iter().any(|row| is_listed(op, row));
        let otherwise = if listed { Otherwise::OtherCode } else { Otherwise::AnyCode };
        let mut rows: Vec<ErrorRow> = Vec::new();
        for row in own.into_iter().chain(general) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        Self { name: "input".to_owned(), rows, otherwise }
    }

    /// Any refusal at all.
    #[must_use]
    pub fn any() -> Self {
        Self { name: "any".to_owned(), rows: Vec::new(), otherwise: Otherwise::Anything }
    }

    /// Exactly these rows.
    #[must_use]
    pub fn rows(name: &str, rows: Vec<ErrorRow>) -> Self {
        Self { name: name.to_owned(), rows, otherwise: Otherwise::Nothing }
    }
}

fn is_listed(op: &Operation, row: &ErrorRow) -> bool {
    op.error(row.http_status, row.code).is_some()
}

/// The rows of the table, and those that the rulings add to every operation.
fn known_rows(op: &Operation) -> Vec<ErrorRow> {
    let general = [op.input.malformed, op.input.missing, op.input.out_of_range, op.input.invalid];
    let added = [
        universal::token_invalid(op),
        universal::throttled(op),
        universal::application_unknown(op),
        universal::not_authorized(op),
        universal::RESOURCE_NOT_FOUND,
    ];
    let mut rows = op.errors.to_vec();
    for row in general.into_iter().chain(added) {
        // A condition that the table itself lists is not widened by the general rows.
        if !rows.iter().any(|known| known.name == row.name || known == &row) {
            rows.push(row);
        }
    }
    rows
}

/// Every condition of the operation, without status suffixes.
#[must_use]
pub fn conditions(op: &Operation) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = known_rows(op).iter().map(|row| condition(row.name)).collect();
    names.dedup();
    names
}

fn is_condition(row: &ErrorRow, name: &str) -> bool {
    row.name == name || condition(row.name) == name
}

/// A row's name without the status that tells apart several rows of one condition.
fn condition(name: &'static str) -> &'static str {
    match name.rsplit_once('_') {
        Some((condition, status)) if status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit()) => condition,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iotdm_spec::catalogue::Op;

    #[test]
    fn a_condition_without_status_means_all_its_rows() {
        let op = Op::RegisterByPassword.table();
        let refusal = Refusal::named(op, &["APPLICATION_NOT_EXISTED".to_owned()]).unwrap();
        assert_eq!(refusal.rows.len(), 2);
        assert_eq!(Refusal::named(op, &["NODE_ID_DUPLICATE".to_owned()]).unwrap_err(), "NODE_ID_DUPLICATE");
    }

    #[test]
    fn input_is_judged_softly_where_the_table_has_no_row() {
        assert_eq!(Refusal::input(Op::DeleteDevice.table(), None).otherwise, Otherwise::AnyCode);
        assert_eq!(Refusal::input(Op::SendCommand.table(), None).otherwise, Otherwise::OtherCode);
    }
}
