//! The language as rules know it, over a small world. `cfg(test)` tells the linter that the helpers are tests too.

#[cfg(test)]
mod functions;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod unset;
#[cfg(test)]
mod world;
