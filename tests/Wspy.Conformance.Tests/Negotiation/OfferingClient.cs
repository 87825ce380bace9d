using Wspy.Conformance.Deflate;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Negotiation;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Tests.Negotiation;

/// <summary>A client that makes an offer of its own and sends messages back, made of the suite's parts: what answer fits, it is told by the judge that servers are measured by.</summary>
/// <param name="offer">The value of <c>Sec-WebSocket-Extensions</c>.</param>
/// <param name="judges">Whether it gives up at an answer that does not fit; else it goes on as if there had been none.</param>
internal sealed class OfferingClient(string offer, bool judges)
{
    private static readonly SuiteOptions Options = new() { Patience = TimeSpan.FromSeconds(10) };

    /// <summary>Goes through all cases of a suite.</summary>
    public async Task RunAsync(ClientSuite suite, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(suite.Cases, parallel, async (@case, token) => await PlayAsync(new Uri($"{suite.Url}/case?id={@case.Id}&agent=offering"), @case, token));
        await PlayAsync(new Uri($"{suite.Url}/done?agent=offering"), suite.Cases[0], cancellationToken);
    }

    private async Task PlayAsync(Uri target, ConformanceCase @case, CancellationToken cancellationToken)
    {
        var connecting = new Connecting(target, Options);
        var run = new CaseRun(@case, PeerRole.Server, Options, new WireLog());
        await using WireConnection wire = run.Wire = await connecting.ConnectAsync(run.Log, cancellationToken);

        // Messages may come right behind the answer, before there is time to read it.
        wire.Frames.Allowed = ReservedBits.Rsv1;
        wire.Start(expectHead: true);
        string? answer = await connecting.OpenAsync(run, offer, cancellationToken);
        Agreement? agreement = Agreement.Judge(ExtensionList.Parse([offer])!, answer is null ? [] : [answer], out _);
        if (agreement is null && judges)
        {
            return;
        }

        if (agreement?.Deflate is { } agreed)
        {
            run.Deflate = new DeflateConversation(agreed, PeerRole.Server);
        }

        while (await run.NextAsync(Options.Patience, cancellationToken) is { } found and not EndEvent)
        {
            if (found is MessageEvent message)
            {
                WireFrame frame = run.Deflate is { } deflate
                    ? new WireFrame(message.Kind, deflate.Deflate(message.Payload, DeflatePlan.Default)) { Reserved = 4 }
                    : new WireFrame(message.Kind, message.Payload);
                await wire.SendAsync([frame], int.MaxValue, TimeSpan.Zero, cancellationToken);
            }
        }

        // What is disposed of while a read is still on its way out is reset.
        wire.Shutdown();
        await wire.Events.Completion;
    }
}
