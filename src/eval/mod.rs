//! `cns eval`: measures the models of this process on labelled data, beside baselines, with intervals.
//!
//! Invariant: the same data, models and seed give the same report. Deliberately absent: a server. Nothing is
//! submitted and nothing is kept, except what `--plots` and `--calibrate` name.

mod ask;
mod calibrate;
mod claims;
mod documents;
mod identities;
mod json;
mod labelled;
mod measure;
mod plot;
mod read;
mod report;
mod tables;

use std::{fs, path::Path};

use cns_processors::models::ModelSet;
use cns_schemas::Configured;
use serde_json::{Value, json};

use crate::{
    args::EvalArgs,
    failure::{Code, Failure},
    models, settings,
    terminal::{self, harmless},
};
use calibrate::{Answered, Fitted};
use claims::Known;
use labelled::{Labelled, Rows};
use measure::Resampling;
use report::{Options, Report};

/// Measures the models that a server would use. A calibration is fitted to what stands before one.
pub fn run(args: &EvalArgs) -> Result<(), Failure> {
    let settings = settings::load(args.server.clone().sources())?.settings;
    let uncalibrated = args.uncalibrated || args.calibrate.is_some();
    let chosen =
        if uncalibrated { models::uncalibrated(&settings)? } else { models::choose(&settings)? };
    with(&chosen.set, &settings.configured(&chosen.named), args)
}

/// Measures these models.
fn with(models: &ModelSet, config: &Configured, args: &EvalArgs) -> Result<(), Failure> {
    let files: Vec<Labelled> =
        args.data.iter().map(|path| read::read(path, args.limit)).collect::<Result<_, _>>()?;
    if args.calibrate.is_some() && !files.iter().any(|file| matches!(file.rows, Rows::Claims(_))) {
        let message = "a calibration is fitted on claims, and none of the files has any";
        return Err(
            Failure::new(Code::Usage, message).hint("name a file of evidence, claim, label")
        );
    }
    let resampling = Resampling { resamples: args.resamples, seed: args.seed };
    let options = Options { resampling, errors: args.errors };
    let mut reports = Vec::new();
    let mut known: Vec<Vec<Known>> = Vec::new();
    for file in &files {
        let (report, answers) = measured(file, models, config, options)?;
        reports.push(report);
        known.push(answers);
    }
    let fitted = match &args.calibrate {
        Some(path) => Some(calibrated(path, &files, &known, models, resampling)?),
        None => None,
    };
    let pictures = match &args.plots {
        Some(folder) => plot::write(folder, &reports)?,
        None => Vec::new(),
    };
    match args.json {
        true => terminal::print(&as_json(models, args, &reports, fitted.as_ref()).to_string()),
        false => tell(models, args, &reports, fitted.as_ref(), &pictures),
    }
    Ok(())
}

/// A file's report, and for claims what the models said.
fn measured(
    file: &Labelled,
    models: &ModelSet,
    config: &Configured,
    options: Options,
) -> Result<(Report, Vec<Known>), Failure> {
    match &file.rows {
        Rows::Claims(rows) => {
            let known = claims::ask(&file.name, rows, models)?;
            Ok((claims::report(file, rows, models, &known, options), known))
        }
        Rows::Documents(rows) => {
            Ok((documents::report(file, rows, models, config, options)?, Vec::new()))
        }
        Rows::Identities(rows) => Ok((identities::report(file, rows, options)?, Vec::new())),
    }
}

/// Fits a calibration on all files of claims and writes it.
fn calibrated(
    path: &Path,
    files: &[Labelled],
    known: &[Vec<Known>],
    models: &ModelSet,
    resampling: Resampling,
) -> Result<Fitted, Failure> {
    let claims = files.iter().zip(known).filter_map(|(file, known)| match &file.rows {
        Rows::Claims(rows) => Some(Answered { file, rows, known }),
        _ => None,
    });
    let fitted =
        calibrate::fit(models.entailment.identity(), &claims.collect::<Vec<_>>(), resampling);
    let json = fitted.calibration.to_json();
    let json = json.map_err(|error| Failure::new(Code::Unexpected, error.to_string()))?;
    fs::write(path, json).map_err(|error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(Code::Dependency, message)
    })?;
    Ok(fitted)
}

fn as_json(
    models: &ModelSet,
    args: &EvalArgs,
    reports: &[Report],
    fitted: Option<&Fitted>,
) -> Value {
    let names = models.names();
    json!({
        "format": json::FORMAT,
        "models": { "embedder": names.embedder, "entailment": names.entailment },
        "resamples": args.resamples,
        "seed": args.seed,
        "files": reports.iter().map(json::report).collect::<Vec<_>>(),
        "calibration": fitted.map(json::calibration),
    })
}

fn tell(
    models: &ModelSet,
    args: &EvalArgs,
    reports: &[Report],
    fitted: Option<&Fitted>,
    pictures: &[String],
) {
    let width = terminal::width();
    let names = models.names();
    terminal::print(&format!(
        "entailment {}   embedder {}\nin brackets: 95 % of {} resamples of whole groups, seed {}",
        names.entailment, names.embedder, args.resamples, args.seed
    ));
    for report in reports {
        terminal::print(&format!("\n{}", tables::report(report, width)));
    }
    if let (Some(fitted), Some(path)) = (fitted, &args.calibrate) {
        terminal::print(&format!("\n{}", tables::calibration(fitted, width)));
        terminal::print(&format!("written: {}", path.display()));
    }
    if let (Some(folder), false) = (&args.plots, pictures.is_empty()) {
        let folder = harmless(&folder.display().to_string());
        terminal::print(&format!("\nIn {folder}: {}", harmless(&pictures.join(", "))));
    }
}
