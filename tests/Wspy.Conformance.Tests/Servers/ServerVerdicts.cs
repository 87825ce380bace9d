using Xunit.Sdk;

namespace Wspy.Conformance.Tests.Servers;

/// <summary>Compares a server with its file of expected verdicts.</summary>
internal static class ServerVerdicts
{
    /// <summary>Runs all cases but those about speed and about extensions, and fails with a line for each result that the file does not expect.</summary>
    public static async Task AssertAsync(Uri url, string file)
    {
        string path = Path.Combine(Wspy.Interop.Tests.Harness.Tree.Root, "tests/Wspy.Conformance.Tests/Servers", file);
        using var reader = new StreamReader(path);
        ExpectedVerdicts expected = ExpectedVerdicts.Read(reader);

        SuiteResult result = await new ServerSuite(url, new SuiteOptions()).RunAsync(CaseSelection.Select(ConformanceCatalogue.All, [], ["9", "12"]));

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
