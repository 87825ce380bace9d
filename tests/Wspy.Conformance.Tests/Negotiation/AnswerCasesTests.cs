using System.Net;

namespace Wspy.Conformance.Tests.Negotiation;

/// <summary>Groups 12.39 to 12.46: a client that judges the answer passes, and one that takes any answer is found.</summary>
public sealed class AnswerCasesTests
{
    private const string Bounded = "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=10";

    private static readonly string[] Wrong = ["12.40", "12.41", "12.42", "12.43", "12.44", "12.45", "12.46"];

    public static TheoryData<string, string[]> Offers => new()
    {
        // Of group 44, the first eight need an offer without client_max_window_bits, and the others one with bounds and demands.
        { "permessage-deflate", ["12.44.9", "12.44.10", "12.44.11", "12.44.12"] },
        { "permessage-deflate; client_max_window_bits", [.. Enumerable.Range(1, 12).Select(i => $"12.44.{i}")] },
        { Bounded, [.. Enumerable.Range(1, 8).Select(i => $"12.44.{i}")] },

        // What goes beyond the first offer may fit the second one.
        { $"x-other; a=\"b\", {Bounded}, permessage-deflate", [.. Enumerable.Range(1, 8).Concat([10, 11, 12]).Select(i => $"12.44.{i}")] },
    };

    [Theory]
    [MemberData(nameof(Offers))]
    public async Task A_client_that_judges_the_answer_passes(string offer, string[] unsupported)
    {
        SuiteResult result = await RunAsync(new OfferingClient(offer, judges: true), ["12.39", .. Wrong]);

        Assert.Empty(result.Results.Where(item => item.Verdict is not (Verdict.Passed or Verdict.Unsupported)).Select(item => item.ToString()));
        Assert.Equal(unsupported, Unsupported(result));
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public async Task A_client_that_takes_any_answer_is_found(string offer, string[] unsupported)
    {
        SuiteResult result = await RunAsync(new OfferingClient(offer, judges: false), Wrong);

        Assert.Empty(result.Results.Where(item => item.Verdict is not (Verdict.Failed or Verdict.Unsupported) && !item.Case.Id.StartsWith("12.46.", StringComparison.Ordinal)).Select(item => item.ToString()));
        Assert.All(result.Results.Where(item => item.Case.Id.StartsWith("12.46.", StringComparison.Ordinal)), item => Assert.Equal(Verdict.Informational, item.Verdict));
        Assert.Equal(unsupported, Unsupported(result));
    }

    [Fact]
    public async Task Without_an_offer_of_it_there_is_nothing_to_judge()
    {
        SuiteResult result = await RunAsync(new OfferingClient("x-other", judges: true), ["12.39", .. Wrong]);

        Assert.All(result.Results, item => Assert.Equal(Verdict.Unsupported, item.Verdict));
    }

    /// <summary>Of valid answers some are not valid for an offer with bounds; these are the suite's to leave out, and not named here.</summary>
    private static IEnumerable<string> Unsupported(SuiteResult result) =>
        result.Results.Where(item => item.Verdict == Verdict.Unsupported && !item.Case.Id.StartsWith("12.39.", StringComparison.Ordinal)).Select(item => item.Case.Id);

    private static async Task<SuiteResult> RunAsync(OfferingClient client, string[] groups)
    {
        await using var suite = new ClientSuite(CaseSelection.Select(ConformanceCatalogue.All, groups, []), new IPEndPoint(IPAddress.Loopback, 0), BusyMachine.Options);
        Task<SuiteResult> running = suite.RunAsync(TestContext.Current.CancellationToken);
        await client.RunAsync(suite, TestContext.Current.CancellationToken);
        return await running;
    }
}
