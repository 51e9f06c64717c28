// Most of a command's test is waiting for its process; two at a time keep two cores busy.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
