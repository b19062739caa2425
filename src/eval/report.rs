//! What was measured of a file, as a value: tables, JSON and plots are made of it and of nothing else.

use super::measure::{Confusion, Measure, Reliability, Resampling};

/// What the person who asks decides.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How intervals are drawn; its seed draws the folds of fitted baselines as well.
    pub resampling: Resampling,
    /// Mistakes that are listed.
    pub errors: usize,
}

/// A file's report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The file's name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// `claims`, `documents` or `identities`.
    pub kind: &'static str,
    /// Rows that were measured.
    pub rows: usize,
    /// What was resampled as a whole, and how many of it.
    pub groups: (&'static str, usize),
    /// Rows of each label.
    pub labels: Vec<(&'static str, usize)>,
    /// The names of the measures.
    pub measures: &'static [&'static str],
    /// The model first, then the baselines.
    pub systems: Vec<System>,
    /// For claims: what can be drawn of the model.
    pub drawn: Option<Drawn>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// The mistakes of the model, the worst first.
    pub mistakes: Vec<Mistake>,
}

/// What was measured of one way to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// The model's name, or what the baseline does.
    pub name: String,
    /// In the order of [`Report::measures`].
    pub measures: Vec<Measure>,
}

/// What is drawn of an entailment model.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What was said of which class.
    pub confusion: Confusion,
    /// How often it was right at which confidence.
    pub reliability: Reliability,
    /// ROC curves of supports against refutes: the name of the system and its points.
    pub curves: Vec<(String, Vec<(f64, f64)>)>,
}

/// A row that the model got wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// Where it stands.
    pub place: String,
    /// Its label.
    pub is: &'static str,
    /// What was said of it.
    pub said: &'static str,
    /// How firmly, from 0 to 1.
    pub confidence: f64,
    /// Its texts with their names.
    pub texts: Vec<(&'static str, String)>,
}

/// The `count` worst; equally bad ones in the order of the file.
pub fn worst(mut mistakes: Vec<Mistake>, count: usize) -> Vec<Mistake> {
    mistakes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    mistakes.truncate(count);
    mistakes
}
