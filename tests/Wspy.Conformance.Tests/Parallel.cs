using Xunit.v3;

// Most of a case's time is waiting, and most of these tests are cases: with as many as the machine has processors, these would idle.
[assembly: Parallelization(MaxThreads = 4)]
