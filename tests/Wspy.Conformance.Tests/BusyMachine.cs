namespace Wspy.Conformance.Tests;

/// <summary>What is late must be late on a busy machine as well: tests run beside others.</summary>
internal static class BusyMachine
{
    public static SuiteOptions Options { get; } = new()
    {
        AtOnce = TimeSpan.FromSeconds(2),
        CloseTime = TimeSpan.FromSeconds(8),
        Patience = TimeSpan.FromSeconds(10),
        Absence = TimeSpan.FromSeconds(30),
    };
}
