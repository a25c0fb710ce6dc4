//! Log signatures, found in the same pass that reads the bundle.
//!
//! Literals first, for all signatures at once; a signature's pattern sees only the lines that hold its literal. Logs are never
//! held: a match keeps its count, its runs, and three lines.
//!
//! ```
//! use gleaner_logs::{LinePattern, LogRouting, Origin, Scanner, Signature, Signatures, merge, pod_pattern};
//!
//! let signature = Signature {
//!     pods: vec![pod_pattern("longhorn-system/*").unwrap()],
//!     containers: vec![],
//!     units: vec![],
//!     line: LinePattern { literal: "rebuilding failed".to_owned(), pattern: None },
//!     clears: None,
//!     by: vec![],
//!     gap: 1800,
//! };
//! let all = vec![&signature];
//! let routing = LogRouting::new(&all);
//! let scanner = Scanner::new(Signatures { all, routing: &routing });
//! let origin = Origin { namespace: "longhorn-system".into(), pod: "manager".into(), name: "m".into(), node: "".into() };
//! let log = "2025-06-12T08:30:00Z rebuilding failed\n";
//! let found = scanner.scan("m.log", origin, &mut log.as_bytes());
//! assert_eq!(merge(&[found], &[1800], None)[&0][0].count, 1);
//! ```

mod line_match;
mod match_table;
mod origin;
mod routing;
mod run;
mod scan;
mod shard;
mod signature;
mod stamp;

pub use line_match::{LineMatch, LineMatches, LogEnd, LogMatch, Quote, Sample, merge};
pub use origin::Origin;
pub use routing::{LogRouting, Signatures};
pub use run::Run;
pub use scan::Scanner;
pub use signature::{LinePattern, Signature, pod_pattern};
pub use stamp::{Stamp, Window};
