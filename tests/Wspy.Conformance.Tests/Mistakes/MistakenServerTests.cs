namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>The suite finds each mistake.</summary>
public class MistakenServerTests
{
    /// <summary>Short, since many mistakes show as silence; what a slow machine then fails is none of these: each row says how bad the verdict must be.</summary>
    internal static readonly SuiteOptions Options = new()
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
        Finding finding = FoundBy.All.Single(row => row.Mistake == mistake);
        ConformanceCase[] cases = finding.Cases(PeerRole.Server);
        Assert.NotEmpty(cases);
        await using var server = new MistakenServer(mistake);

        SuiteResult result = await finding.RunAsync(() => new ServerSuite(server.Url, Options).RunAsync(cases));

        finding.AssertIn(result);
    }

    [Fact]
    public void Each_mistake_has_a_row() => Assert.Equal(MistakeRoles.Of(PeerRole.Server), FoundBy.All.Select(row => row.Mistake).Order());

    public static TheoryData<Mistake> Rows() => [.. FoundBy.All.Select(row => row.Mistake)];
}
