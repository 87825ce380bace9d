using System.Buffers;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>What the local end does before the peer's bytes come.</summary>
internal delegate void LocalTurn(WebSocketProtocol engine, IBufferWriter<byte> output);

/// <summary>
/// Gives what a peer sends to engines of both roles and all delivery units: whole, byte by byte, cut in two at every place, at
/// random, and received right into the engine's memory, and demands that all of them see the same.
/// </summary>
internal static class Conversation
{
    /// <summary>Inputs up to this size are cut in two at every place, longer ones at about as many places.</summary>
    private const int MaxSplits = 160;

    /// <summary>Places at which an input of many kilobytes is cut in two; it goes byte by byte near its ends.</summary>
    private const int MinSplits = 16;

    private const int RandomRuns = 8;

    private static readonly DeliveryUnit[] Units = [DeliveryUnit.Message, DeliveryUnit.Frame, DeliveryUnit.Part];

    /// <param name="script">What the peer sends.</param>
    /// <param name="options">The engine's options; the unit of delivery is varied.</param>
    /// <param name="before">What the local end did first.</param>
    /// <returns>The log that all runs have in common; its expectations are those of the server.</returns>
    public static EventLog Receive(Func<Wire, byte[]> script, ProtocolOptions? options = null, LocalTurn? before = null)
    {
        EventLog server = Receive(WebSocketRole.Server, script, options, before);
        EventLog client = Receive(WebSocketRole.Client, script, options, before);

        // RFC 6455 §7.1.1: the one difference between the roles is who ends the stream.
        string expected = server.Violation.Kind == ProtocolViolation.None
            ? server.Expectations.Replace(nameof(CloseExpectation.Now), nameof(CloseExpectation.EndOfStream), StringComparison.Ordinal)
            : server.Expectations;
        Assert.Equal(server with { Expectations = expected }, client);
        return server;
    }

    /// <inheritdoc cref="Receive(Func{Wire, byte[]}, ProtocolOptions?, LocalTurn?)"/>
    /// <param name="role">The one role that receives.</param>
    public static EventLog Receive(WebSocketRole role, Func<Wire, byte[]> script, ProtocolOptions? options = null, LocalTurn? before = null)
    {
        byte[] input = script(Peer(role));
        EventLog? first = null;
        foreach (DeliveryUnit unit in Units)
        {
            ProtocolOptions used = (options ?? new ProtocolOptions()) with { Delivery = unit };
            foreach (Cuts cuts in AllCuts(input.Length))
            {
                using var listener = new Listener(role, used, before, cuts.Direct);
                EventLog log = listener.Run(input, cuts);
                first ??= log;
                if (log != first)
                {
                    Assert.Fail($"{role}, {unit}, {cuts.Name}:{Environment.NewLine}{log}{Environment.NewLine}but first:{Environment.NewLine}{first}");
                }
            }
        }

        return first!;
    }

    /// <summary>The wire of the other end.</summary>
    public static Wire Peer(WebSocketRole role) => new(Other(role));

    public static WebSocketRole Other(WebSocketRole role) => role == WebSocketRole.Server ? WebSocketRole.Client : WebSocketRole.Server;

    /// <summary>Every frame in what an engine wrote; masked exactly when a client did (§5.1), its length in the fewest bytes.</summary>
    public static List<Frame> Decode(ReadOnlySpan<byte> written, WebSocketRole sender)
    {
        var frames = new List<Frame>();
        while (!written.IsEmpty)
        {
            Assert.Equal(OperationStatus.Done, Frame.TryParse(written, out Frame? frame, out int consumed));
            Assert.Equal(sender == WebSocketRole.Client, frame!.Header.IsMasked);
            Assert.True(frame.Header.IsMinimal);
            frames.Add(frame);
            written = written[consumed..];
        }

        return frames;
    }

    public static string Describe(Frame frame) =>
        EventLog.Render(frame.Opcode, frame.Reserved, frame.Payload.Span) + (frame.Fin ? "" : " ...");

    private static IEnumerable<Cuts> AllCuts(int length)
    {
        yield return new Cuts("whole", _ => length);
        bool isLong = length > 32 * MaxSplits;
        int ByteByByte(int position) => isLong && position > MaxSplits && position < length - MaxSplits ? 997 : 1;
        yield return new Cuts("byte by byte", ByteByByte);
        yield return new Cuts("byte by byte, in place", ByteByByte, Direct: true);
        int step = Math.Max(1, length / (isLong ? MinSplits : MaxSplits));
        for (int i = 1; i < length; i += step)
        {
            int split = i;
            yield return new Cuts($"cut at {split}", position => position < split ? split - position : length, Direct: split % 3 == 0);
        }

        for (int i = 0; i < RandomRuns; i++)
        {
            var random = new Random(length * 31 + i);
            int most = i % 2 == 0 ? Math.Max(8, length / MaxSplits) : Math.Max(8, length / 2);
            yield return new Cuts($"random {i}", _ => random.Next(1, most), Direct: i >= RandomRuns / 2);
        }
    }

    private sealed record Cuts(string Name, Func<int, int> Next, bool Direct = false);

    /// <summary>One engine, fed and listened to.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly WebSocketProtocol _engine;
        private readonly ArrayBufferWriter<byte> _output = new();
        private readonly List<string> _lines = [];
        private readonly List<CloseExpectation> _expectations = [];
        private readonly List<byte> _message = [];
        private readonly bool _direct;
        private Opcode _opcode;
        private ReservedBits _reserved;
        private bool _inMessage;
        private bool _over;

        public Listener(WebSocketRole role, ProtocolOptions options, LocalTurn? before, bool direct)
        {
            _engine = new WebSocketProtocol(role, options);
            _direct = direct;
            before?.Invoke(_engine, _output);
            Flush();
        }

        public EventLog Run(byte[] input, Cuts cuts)
        {
            for (int position = 0; position < input.Length;)
            {
                int length = Math.Min(cuts.Next(position), input.Length - position);
                Take(input.AsSpan(position, length));
                position += length;
            }

            if (_over)
            {
                // §5.5.1, §7.1.7: whatever follows is discarded, a ping as well as garbage; an event would fail in Log.
                byte[] more = [.. Peer(_engine.Role).Ping("after"), 0xFF, 0xFF, 0xFF];
                Take(more);
                Assert.True(_engine.GetReceiveMemory(0).IsEmpty);
            }

            Violation violation = _engine.Violation;
            _engine.ReceiveEndOfStream();
            Assert.True(_engine.HasEnded);
            Assert.False(_engine.CanSend);
            Assert.False(_engine.HasPendingOutput);
            Assert.Equal(CloseExpectation.Now, _engine.CloseExpectation);
            return new EventLog(string.Join('\n', _lines), string.Join(' ', _expectations), violation, _engine.GetCloseInfo());
        }

        public void Dispose() => _engine.Dispose();

        private void Take(ReadOnlySpan<byte> chunk)
        {
            while (_direct && !chunk.IsEmpty && _engine.GetReceiveMemory(1) is { IsEmpty: false } memory)
            {
                int count = Math.Min(chunk.Length, memory.Length);
                chunk[..count].CopyTo(memory.Span);
                chunk = chunk[count..];
                Log(_engine.Commit(count));
                Flush();
            }

            // A copy that dies with the call, as a driver's buffer does: who keeps a reference to it reads poison.
            byte[] buffer = chunk.ToArray();
            Span<byte> input = buffer;
            while (true)
            {
                ProtocolEvent received = _engine.Read(ref input);
                if (received.Kind == ProtocolEventKind.None)
                {
                    break;
                }

                Log(received);
                Flush();
            }

            Assert.True(input.IsEmpty, "all input is taken when there is no event");
            buffer.AsSpan().Fill(0xDD);
        }

        private void Log(scoped in ProtocolEvent received)
        {
            if (received.Kind == ProtocolEventKind.None)
            {
                return;
            }

            Assert.False(_over, "no event follows a Close frame or a failure");
            switch (received.Kind)
            {
                case ProtocolEventKind.Data:
                    LogData(received);
                    break;
                case ProtocolEventKind.Failed:
                    _lines.Add($"Failed {_engine.Violation.Kind}");
                    _over = true;
                    break;
                default:
                    Assert.True(received.Fin);
                    Assert.True(received.IsStart);
                    _lines.Add((received.Kind == ProtocolEventKind.ReservedControl ? "Reserved " : "") + EventLog.Render(received.Opcode, received.Reserved, received.Payload));
                    _over = received.Kind == ProtocolEventKind.Close;
                    break;
            }

            // Whoever holds the event may alter its payload; the engine must not depend on it any more.
            received.Payload.Fill(0xEE);
        }

        // Frames and parts are put together as whole messages are, so that the units compare.
        private void LogData(scoped in ProtocolEvent received)
        {
            DeliveryUnit unit = _engine.Options.Delivery;
            Assert.Equal(!_inMessage, received.IsStart);
            if (received.IsStart)
            {
                _opcode = received.Opcode;
                _reserved = received.Reserved;
            }

            Assert.Equal(unit == DeliveryUnit.Frame && _inMessage ? Opcode.Continuation : _opcode, received.Opcode);
            _message.AddRange(received.Payload);
            _inMessage = !received.Fin;
            if (received.Fin)
            {
                _lines.Add(EventLog.Render(_opcode, _reserved, [.. _message]));
                _message.Clear();
            }
            else
            {
                Assert.NotEqual(DeliveryUnit.Message, unit);
            }
        }

        private void Flush()
        {
            Note();
            _engine.WritePending(_output);
            Assert.False(_engine.HasPendingOutput);
            Note();
            foreach (Frame frame in Decode(_output.WrittenSpan, _engine.Role))
            {
                _lines.Add("> " + Describe(frame));
            }

            _output.ResetWrittenCount();
        }

        private void Note()
        {
            if (_expectations.Count == 0 || _expectations[^1] != _engine.CloseExpectation)
            {
                _expectations.Add(_engine.CloseExpectation);
            }
        }
    }
}
