//! Problems of a record that each of its posts has, told once.

use super::Problem;

/// The problems of the record in hand.
#[derive(Debug, Default)]
pub struct ToldOnce {
    row: u64,
    told: Vec<Problem>,
}

impl ToldOnce {
    /// Whether no earlier post of the same record had this problem. Posts come in order.
    pub fn is_new(&mut self, problem: &Problem) -> bool {
        if problem.row != self.row {
            self.row = problem.row;
            self.told.clear();
        }
        let is_new = !self.told.contains(problem);
        if is_new {
            self.told.push(problem.clone());
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Code;
    use crate::manifest::Position;

    #[test]
    fn a_problem_is_told_once_a_record() {
        let mut told = ToldOnce::default();
        let problem = |row, code| Problem::of_record(Position::of_record(row, row + 1), code, "x");
        let one = problem(1, Code::TimeInvalid);
        assert!(told.is_new(&one) && !told.is_new(&one));
        assert!(told.is_new(&problem(1, Code::MessageMissing)));
        assert!(told.is_new(&problem(2, Code::TimeInvalid)));
    }
}
