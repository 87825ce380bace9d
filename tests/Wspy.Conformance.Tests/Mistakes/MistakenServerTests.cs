namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>The suite finds each mistake.</summary>
public class MistakenServerTests
{
    /// <summary>Short, since many mistakes show as silence; what a slow machine then fails is none of these: each row says how bad the verdict must be.</summary>
    private static readonly SuiteOptions Options = new()
    {
        Patience = TimeSpan.FromSeconds(1.5),
        AtOnce = TimeSpan.FromMilliseconds(200),
        Silence = TimeSpan.FromMilliseconds(80),
        CaseTimeout = TimeSpan.FromSeconds(8),
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_mistake_is_found(Mistake mistake)
    {
        (_, string[] groups, Verdict verdict) = FoundBy.All.Single(row => row.Mistake == mistake);
        ConformanceCase[] cases = [.. ConformanceCatalogue.All.Where(@case => groups.Any(group => @case.Id == group || @case.Id.StartsWith($"{group}.", StringComparison.Ordinal)))];
        Assert.NotEmpty(cases);
        await using var server = new MistakenServer(mistake);

        SuiteResult result = await new ServerSuite(server.Url, Options).RunAsync(cases);

        CaseResult[] found = [.. result.Results.Where(one => one.Verdict != Verdict.Passed)];
        TestContext.Current.TestOutputHelper!.WriteLine($"{mistake}: {found.Length} of {cases.Length} cases");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(Environment.NewLine, found.Select(one => one.ToString())));
        Assert.Contains(found, one => one.Verdict >= verdict);
        if (verdict != Verdict.Failed)
        {
            // The RFC lets a peer do this, and so it must not be failed for it.
            Assert.DoesNotContain(found, one => one.Verdict == Verdict.Failed);
        }
    }

    [Fact]
    public void Each_mistake_has_a_row() => Assert.Equal(Enum.GetValues<Mistake>().Where(mistake => mistake != Mistake.None), FoundBy.All.Select(row => row.Mistake).Order());

    public static TheoryData<Mistake> Rows() => [.. FoundBy.All.Select(row => row.Mistake)];
}
