namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>The suite finds each mistake of a client.</summary>
public class MistakenClientTests(MistakenClientRuns runs) : IClassFixture<MistakenClientRuns>
{
    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_mistake_is_found(Mistake mistake)
    {
        Finding finding = FoundInClients.All.Single(row => row.Mistake == mistake);
        Assert.NotEmpty(finding.Cases(PeerRole.Client));

        finding.AssertIn(await runs.OfAsync(mistake));
    }

    [Fact]
    public void Each_mistake_has_a_row() => Assert.Equal(MistakeRoles.Of(PeerRole.Client), FoundInClients.All.Select(row => row.Mistake).Order());

    public static TheoryData<Mistake> Rows() => [.. FoundInClients.All.Select(row => row.Mistake)];
}
