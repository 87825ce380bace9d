using System.Buffers;
using System.Text;

namespace Wspy.Handshake;

/// <summary>A tunnel through an HTTP proxy by CONNECT (RFC 9110 §9.3.6), with its challenges (407) answered.</summary>
/// <remarks>For <c>ws</c> as for <c>wss</c>, as RFC 6455 §4.1 asks: a proxy that does not understand an upgrade cannot break it then.</remarks>
internal sealed class ConnectTunnel : ProxyTunnel
{
    /// <summary>The body of a challenge that is read over to go on with the same connection; a longer one costs more than another connection.</summary>
    private const long MaxSkippedBody = 64 * 1024;

    /// <summary>As for the server's answer: no proxy has reason to send more.</summary>
    private const int MaxInterimResponses = 10;

    private readonly ClientAuthentication? _authentication;
    private readonly HttpHeadParser _parser;
    private int _interimResponses;
    private long _bodyLeft;
    private bool _isRepeated;

    public ConnectTunnel(ProxyServer proxy, ProxyTarget target, ClientAuthentication? authentication, int maxHeadSize, int maxHeaderCount)
        : base(proxy, target)
    {
        _authentication = authentication;
        _parser = new HttpHeadParser(HttpHeadKind.Response) { MaxHeadSize = maxHeadSize, MaxHeaderCount = maxHeaderCount };
    }

    public override HttpResponseHead? Response => _parser.Response;

    public override void Begin(IBufferWriter<byte> output)
    {
        Encoding.ASCII.GetBytes($"CONNECT {Target} HTTP/1.1\r\n", output);
        output.WriteHeader("Host", Target.ToString());
        if (_authentication?.Header is { } credentials)
        {
            output.WriteHeader("Proxy-Authorization", credentials);
        }

        output.Write("\r\n"u8);
    }

    protected override ProxyTunnelStatus Take(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (_bodyLeft > 0)
        {
            int skipped = (int)Math.Min(_bodyLeft, input.Length);
            input = input[skipped..];
            _bodyLeft -= skipped;
            return _bodyLeft > 0 ? ProxyTunnelStatus.NeedMoreData : Repeat(input, output);
        }

        return _parser.Receive(ref input) switch
        {
            HttpHeadStatus.NeedMoreData => ProxyTunnelStatus.NeedMoreData,
            HttpHeadStatus.Complete => JudgeResponse(_parser.Response!, input, output),
            _ => Fail(
                ProxyFailure.InvalidReply,
                $"The {Proxy} answered CONNECT with something else than HTTP: {HandshakeRules.Describe(_parser.Violation, "response", _parser.MaxHeadSize, _parser.MaxHeaderCount)}"),
        };
    }

    // A proxy that promises to keep the connection and ends it all the same is asked once more over another one.
    protected override ProxyTunnelStatus TakeEnd() => _isRepeated && _parser.Length == 0 ? ProxyTunnelStatus.Repeat : base.TakeEnd();

    private ProxyTunnelStatus JudgeResponse(HttpResponseHead response, ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        switch (response.StatusCode)
        {
            case >= 100 and < 200:
                if (++_interimResponses > MaxInterimResponses)
                {
                    return Fail(ProxyFailure.InvalidReply, $"The {Proxy} sent more than {MaxInterimResponses} interim responses.");
                }

                _parser.Reset();
                return ProxyTunnelStatus.NeedMoreData;
            case < 300:
                // RFC 9110 §9.3.6: any 2xx, and whatever it says of a body is ignored.
                return ProxyTunnelStatus.Open;
            case 407:
                return JudgeChallenge(response, input, output);
            case 401 when _authentication?.Header is not null:
                // What tinyproxy answers to a wrong password.
                return Fail(ProxyFailure.CredentialsRefused, $"The {Proxy} answered {Printable(response)} to the credentials that it was given.");
            default:
                return Fail(FailureOf(response.StatusCode), $"The {Proxy} answered {Printable(response)} to CONNECT {Target}{AdviceFor(response.StatusCode)}.");
        }
    }

    private ProxyTunnelStatus JudgeChallenge(HttpResponseHead response, ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        bool hadCredentials = _authentication?.Header is not null;
        if (_authentication?.TryAnswer(response) != true)
        {
            return hadCredentials
                ? Fail(ProxyFailure.CredentialsRefused, $"The {Proxy} answered {Printable(response)} to the credentials that it was given.")
                : Fail(ProxyFailure.CredentialsRequired, $"The {Proxy} answered {Printable(response)}: it wants credentials, by Basic or Digest, in its URI or as its credentials.");
        }

        if (response is not { Version: > 0, ContentLength: { } length and <= MaxSkippedBody } || HandshakeRules.AsksForClose(response.Headers))
        {
            return ProxyTunnelStatus.Repeat;
        }

        _bodyLeft = length;
        return length > 0 ? ProxyTunnelStatus.NeedMoreData : Repeat(input, output);
    }

    // Once more, over the same connection; what came behind the body would be taken for the next answer.
    private ProxyTunnelStatus Repeat(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (!input.IsEmpty)
        {
            return ProxyTunnelStatus.Repeat;
        }

        _isRepeated = true;
        _parser.Reset();
        Begin(output);
        return ProxyTunnelStatus.NeedMoreData;
    }

    private static ProxyFailure FailureOf(int status) => status is 502 or 503 or 504 ? ProxyFailure.TargetUnreachable : ProxyFailure.Refused;

    private static string AdviceFor(int status) => status switch
    {
        403 => ": its rules forbid it; many allow CONNECT to port 443 alone",
        400 or 405 or 501 => ": is it a proxy, and does it allow CONNECT?",
        502 or 503 or 504 => ": it found no way to the server",
        _ => "",
    };

    // A reason phrase may hold bytes that a terminal takes for commands.
    private static string Printable(HttpResponseHead response) => string.Concat(response.ToString().Select(static c => c is < ' ' or > '~' ? '?' : c));
}
