//! Whole-system tests: the real binary, its HTTP API and its command line; and the laws of the house.

mod architecture;
mod tidy;
