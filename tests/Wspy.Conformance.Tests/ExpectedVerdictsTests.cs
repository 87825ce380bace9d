namespace Wspy.Conformance.Tests;

public class ExpectedVerdictsTests
{
    private static readonly ConformanceCase Case = ConformanceCatalogue.All.First(item => item.Id == "5.1.2");

    [Theory]
    [InlineData("", Verdict.Passed)]
    [InlineData("5 failed # all of it", Verdict.Failed)]
    [InlineData("5 failed\n5.1.2 non-strict", Verdict.NonStrict)]
    [InlineData("5.1.2 non-strict\n5.1.* Informational", Verdict.Informational)]
    [InlineData("4 failed", Verdict.Passed)]
    public void The_last_line_that_names_a_case_counts(string text, Verdict expected) =>
        Assert.Equal([expected], Read(text).Of(Case));

    [Theory]
    [InlineData("5.1.2 passed or non-strict")]
    [InlineData("5.1.2 passed, non-strict")]
    [InlineData("5.1.2 passed,non-strict # why")]
    public void Several_verdicts_may_be_expected(string text) =>
        Assert.Equal([Verdict.Passed, Verdict.NonStrict], Read(text).Of(Case));

    [Theory]
    [InlineData("\n5.1.2", "Line 2: 5.1.2 has no verdict.")]
    [InlineData("5.1.2 good", "Line 1: \"good\" is no verdict")]
    public void A_malformed_line_is_named(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Lines_for_cases_that_are_gone_are_found() =>
        Assert.Equal(["99.1"], Read("5.1.2 failed\n99.1 failed").Useless(ConformanceCatalogue.All));

    [Fact]
    public void What_is_written_can_be_expected()
    {
        SuiteResult result = Result(Verdict.NonStrict);
        var writer = new StringWriter();

        ExpectedVerdicts.Write(result, writer);

        Assert.Empty(Read(writer.ToString()).Differences(result));
        Assert.Single(Read(writer.ToString()).Differences(Result(Verdict.Passed)));
        Assert.Single(Read(writer.ToString()).Differences(Result(Verdict.Failed)));
    }

    private static ExpectedVerdicts Read(string text) => ExpectedVerdicts.Read(new StringReader(text));

    private static SuiteResult Result(Verdict verdict) => new()
    {
        Peer = "peer", Role = PeerRole.Server, Started = default, Duration = default,
        Results = [new CaseResult { Case = Case, Verdict = verdict, Reason = "because\nof this", Happened = [], Wire = [], Duration = default }],
    };
}
