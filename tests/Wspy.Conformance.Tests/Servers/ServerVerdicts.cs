using Wspy.Interop.Tests.Harness;
using Xunit.Sdk;

namespace Wspy.Conformance.Tests.Servers;

/// <summary>Compares a server with its file of expected verdicts.</summary>
internal static class ServerVerdicts
{
    /// <summary>Most of a case's time is waiting.</summary>
    private static readonly SuiteOptions Patient = BusyMachine.Options with { Parallel = 32 };

    /// <summary>Runs cases, and fails with a line for each result that the file does not expect.</summary>
    public static async Task AssertAsync(Uri url, string file, IReadOnlyList<ConformanceCase> cases)
    {
        string path = Path.Combine(Tree.Root, "tests/Wspy.Conformance.Tests/Servers", file);
        using var reader = new StreamReader(path);
        ExpectedVerdicts expected = ExpectedVerdicts.Read(reader);

        SuiteResult result = await new ServerSuite(url, Patient).RunAsync(cases);
        if (Environment.GetEnvironmentVariable("WSPY_WRITE_EXPECTED") is { Length: > 0 } folder)
        {
            await using var writer = new StreamWriter(Path.Combine(folder, file));
            ExpectedVerdicts.Write(result, writer);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{file}: {string.Join(", ", Enum.GetValues<Verdict>().Select(verdict => $"{result.Count(verdict):N0} {verdict.Name()}"))} of {result.Results.Count:N0} in {result.Duration.TotalSeconds:0.0} s");
        Assert.Empty(expected.Useless(ConformanceCatalogue.All));
        IReadOnlyList<CaseResult> differences = expected.Differences(result);
        if (differences.Count > 0)
        {
            throw FailException.ForFailure($"Not as {file} expects:{Environment.NewLine}{string.Join(Environment.NewLine, differences.Select(one => $"{one.Case.Id,-10} {one.Verdict.Name(),-14} # {one.Case.Title}: {one.Reason}"))}");
        }
    }
}
