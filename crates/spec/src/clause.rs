//! The tie between an operation's table and its Rust types.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{ErrorRow, Operation};

/// An operation at compile time: its request, its answer and its table.
///
/// A handler is generic over nothing: it names its clause, and the compiler then refuses a request
/// of another clause, an answer of another clause, and an error row that is not in its table.
pub trait Clause: Sized + 'static {
    /// Every parameter but the two authentication headers, in one structure.
    type Request: DeserializeOwned;
    /// The members of a success's body; `()` where the reference shows none.
    type Response: Serialize + Send + 'static;
    /// The clause's table.
    const TABLE: &'static Operation;
}

/// An error row of clause `C`, ready to be answered.
pub struct Refusal<C> {
    row: ErrorRow,
    clause: PhantomData<fn() -> C>,
}

impl<C> Refusal<C> {
    /// Only the contract makes rows: the macro below is the one caller.
    #[doc(hidden)]
    #[must_use]
    pub const fn listed(row: ErrorRow) -> Self {
        Self { row, clause: PhantomData }
    }

    /// The row as data.
    #[must_use]
    pub const fn row(&self) -> ErrorRow {
        self.row
    }
}

impl<C> Clone for Refusal<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Refusal<C> {}

impl<C> fmt::Debug for Refusal<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

impl<C> PartialEq for Refusal<C> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
    }
}

/// Declares a clause's marker type and ties it to its table.
macro_rules! clause {
    ($marker:ident) => {
        /// This clause, as a type.
        #[derive(Debug, Clone, Copy)]
        pub struct $marker;

        impl $crate::clause::Clause for $marker {
            type Request = Request;
            type Response = Response;
            const TABLE: &'static $crate::model::Operation = &OPERATION;
        }
    };
}

/// Declares a clause's error table once: the constants that handlers name and the rows that
/// everything else iterates. Rows after `unlisted` are usable by handlers, but stand in no table:
/// a ruling supplies them, and its number stands behind them.
macro_rules! errors {
    ($marker:ident: $($name:ident = $status:literal, $code:literal, $desc:literal, $line:literal;)*
     $(=> unlisted: $($extra:ident = $row:path, $ruling:literal;)*)?) => {
        /// The clause's error rows, named by their condition.
        pub mod error {
            use super::$marker;
            use $crate::clause::Refusal;
            #[allow(unused_imports)]
            use $crate::model::ErrorRow;

            $(
                #[doc = concat!($status, "/", $code, ": ", $desc)]
                pub const $name: Refusal<$marker> = Refusal::listed(ErrorRow {
                    name: stringify!($name),
                    http_status: $status,
                    code: $code,
                    desc: $desc,
                    line: $line,
                });
            )*
            $($(
                #[doc = concat!("In no table of this clause: ruling ", $ruling, ".")]
                pub const $extra: Refusal<$marker> = Refusal::listed($row);
            )*)?

            /// Every row of the table, in printed order.
            pub(super) const TABLE: &[ErrorRow] = &[$($name.row()),*];
        }
    };
}

/// Declares a clause's prose rules.
macro_rules! rules {
    ($($slug:literal = $binds:ident $strength:ident $line:literal: $text:literal;)*) => {
        const RULES: &[$crate::model::Rule] = &[$(
            $crate::model::Rule {
                slug: $slug,
                binds: $crate::model::Party::$binds,
                strength: $crate::model::Strength::$strength,
                line: $line,
                text: $text,
            }
        ),*];
    };
}

/// Declares what is printed in a clause and cannot be meant literally.
macro_rules! errata {
    ($($line:literal: $printed:literal => $read:literal, $why:literal, $ruling:literal;)*) => {
        const ERRATA: &[$crate::model::Erratum] = &[$(
            $crate::model::Erratum {
                line: $line,
                printed: $printed,
                read: $read,
                why: $why,
                ruling: $ruling,
            }
        ),*];
    };
}
