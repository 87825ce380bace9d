using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance;

/// <summary>Tests a server: connects to it once for each case.</summary>
/// <remarks>Safe from any thread, and can run several times.</remarks>
public sealed class ServerSuite
{
    private readonly Uri _target;
    private readonly SuiteOptions _options;
    private readonly Connecting _connecting;

    /// <summary>Creates a suite for a server.</summary>
    /// <param name="target">Where it is: scheme ws or wss (or http, https). It should send every message back.</param>
    /// <param name="options">How to run; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The URL is of another scheme.</exception>
    public ServerSuite(Uri target, SuiteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!target.IsAbsoluteUri || target.Scheme is not ("ws" or "wss" or "http" or "https"))
        {
            throw new ArgumentException($"The address of a server is a ws or wss URL, and not {target}.", nameof(target));
        }

        _target = target;
        _options = options ?? new SuiteOptions();
        _connecting = new Connecting(target, _options);
    }

    /// <summary>Runs cases, several at once, and those that must be alone after all others.</summary>
    /// <param name="cases">Those that are not for servers are left out.</param>
    /// <param name="progress">Told of each result as it comes, from any thread.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="AuthenticationException">TLS could not be agreed on: above all, its certificate is not trusted, as a self-signed one is not without <see cref="SuiteOptions.AcceptAnyCertificate"/>.</exception>
    public async Task<SuiteResult> RunAsync(IEnumerable<ConformanceCase> cases, IProgress<CaseResult>? progress = null, CancellationToken cancellationToken = default)
    {
        DateTimeOffset started = DateTimeOffset.Now;
        long began = Stopwatch.GetTimestamp();
        ConformanceCase[] chosen = [.. cases.Where(@case => @case.Roles.HasFlag(PeerRole.Server))];
        var results = new CaseResult[chosen.Length];

        // A server that is not there fails the run, and not each of its cases.
        await (await _connecting.ConnectAsync(new WireLog(), cancellationToken).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        foreach (bool alone in (bool[])[false, true])
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = alone ? 1 : _options.Parallel, CancellationToken = cancellationToken };
            IEnumerable<int> these = Enumerable.Range(0, chosen.Length).Where(i => chosen[i].Alone == alone);
            await Parallel.ForEachAsync(these, parallel, async (i, token) =>
            {
                results[i] = await RunAsync(chosen[i], token).ConfigureAwait(false);
                progress?.Report(results[i]);
            }).ConfigureAwait(false);
        }

        return new SuiteResult { Peer = _target.ToString(), Role = PeerRole.Server, Started = started, Duration = Stopwatch.GetElapsedTime(began), Results = results };
    }

    /// <summary>Runs one case.</summary>
    /// <param name="case">A case for servers.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public Task<CaseResult> RunAsync(ConformanceCase @case, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(@case);
        var run = new CaseRun(@case, PeerRole.Server, _options, new WireLog()) { ProbeAsync = ProbeAsync, Server = _connecting };
        return CaseRunner.RunAsync(run, token => OpenAsync(run, token), turns: null, cancellationToken);
    }

    private async Task<string?> OpenAsync(CaseRun run, CancellationToken cancellationToken)
    {
        run.Wire = await _connecting.ConnectAsync(run.Log, cancellationToken).ConfigureAwait(false);
        run.Wire.Start(expectHead: true);
        if (run.Case.Opening.IsByHand)
        {
            return null;
        }

        run.Extension = await _connecting.OpenAsync(run, run.Case.Opening.Extension, cancellationToken).ConfigureAwait(false);
        return run.Case.Opening.Extension is { } wanted && run.Extension is null ? $"the server did not agree to {wanted}" : null;
    }

    /// <summary>Opens another connection and pings on it.</summary>
    private async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        var run = new CaseRun(Probe, PeerRole.Server, _options, new WireLog());
        CaseResult result = await CaseRunner.RunAsync(run, token => OpenAsync(run, token), turns: null, cancellationToken).ConfigureAwait(false);
        return result.Verdict is Verdict.Failed ? $"on another connection: {result.Reason}" : null;
    }

    private static ConformanceCase Probe { get; } = new()
    {
        Id = "", Section = 0, SectionTitle = "", Group = "", Title = "", Purpose = "", Rfc = "", Roles = PeerRole.Server, NeedsEcho = false,
        Steps = [new Steps.SendStep([new WireFrame(Opcode.Ping, "others")]), new Steps.ExpectStep([new Steps.Alternative([new Steps.PongIs("others")])]), new Steps.CloseStep(1000, Payload.Empty)],
    };
}
