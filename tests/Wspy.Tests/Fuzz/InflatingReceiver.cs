using System.Buffers;
using Wspy.Extensions;
using Wspy.Protocol;

namespace Wspy.Tests.Fuzz;

/// <summary>An engine that inflates, with a count of what was inflated: that, and not what is delivered, is what a bomb makes us hold.</summary>
internal sealed class InflatingReceiver : IDisposable
{
    private readonly WebSocketProtocol _engine;
    private readonly Counting _inflater;

    public InflatingReceiver(long maxMessageSize, bool takeover)
    {
        var extension = new DeflateMessage(new DeflateMessageOptions { ClientContextTakeover = takeover });
        _inflater = new Counting(extension, extension.Accept(new ExtensionOffer(extension.Name))!.Instance);
        _engine = new WebSocketProtocol(WebSocketRole.Server, new ProtocolOptions { MaxMessageSize = maxMessageSize }, [_inflater]);
    }

    public ProtocolViolation Violation => _engine.Violation.Kind;

    public CloseCode? CloseCode => _engine.Violation.Kind == ProtocolViolation.None ? null : _engine.Violation.CloseCode;

    /// <summary>The most that was inflated of one message, in bytes, delivered or not.</summary>
    public long MostInflated => _inflater.Most;

    /// <summary>The largest message that was delivered.</summary>
    public long MostDelivered { get; private set; }

    /// <summary>Takes one compressed message of a client.</summary>
    /// <returns>False when the connection has failed.</returns>
    public bool Take(ReadOnlySpan<byte> deflated, Opcode opcode, int cut)
    {
        byte[] wire = new Wspy.Tests.Protocol.Wire(WebSocketRole.Client).Frame(opcode, deflated, reserved: ReservedBits.Rsv1);
        for (int start = 0; start < wire.Length; start += cut)
        {
            Span<byte> rest = wire.AsSpan(start, Math.Min(cut, wire.Length - start));
            ProtocolEvent next;
            do
            {
                next = _engine.Read(ref rest);
                if (next.Kind == ProtocolEventKind.Failed)
                {
                    return false;
                }

                MostDelivered = Math.Max(MostDelivered, next.Kind == ProtocolEventKind.Data ? next.Payload.Length : 0);
            }
            while (next.Kind != ProtocolEventKind.None);
        }

        return true;
    }

    public void Dispose() => _engine.Dispose();

    private sealed class Counting(Extension extension, ExtensionInstance inner) : ExtensionInstance(extension)
    {
        private long _inflated;

        public long Most { get; private set; }

        public override ExtensionUnit Unit => inner.Unit;

        public override bool BeginReceive(Opcode opcode, ReservedBits reserved)
        {
            _inflated = 0;
            return inner.BeginReceive(opcode, reserved);
        }

        public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end)
        {
            ExtensionStatus status = inner.Receive(ref input, output, out written, end);
            _inflated += written;
            Most = Math.Max(Most, _inflated);
            return status;
        }

        public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end) => inner.BeginSend(opcode, payload, end);

        public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end) => inner.Send(input, output, end);

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
