using Xunit.v3;

// Most of a case's time is waiting, and most of these tests are cases: two at a time would leave a small machine idle.
[assembly: Parallelization(MaxThreads = 3)]
