//! How much of a text is read and compared.
//!
//! Invariant: comparing two clauses takes the product of their events, so a clause has few. What goes beyond a limit is
//! not read: nobody writes such a clause, machines do.

/// Clauses of one text.
pub(super) const CLAUSES_MAX: usize = 24;
/// Words of direction in one clause.
pub(super) const EVENTS_PER_CLAUSE_MAX: usize = 16;
/// Topic words of one clause.
pub(super) const ITEMS_PER_CLAUSE_MAX: usize = 128;
/// Numbers of one clause.
pub(super) const QUANTITIES_PER_CLAUSE_MAX: usize = 32;
