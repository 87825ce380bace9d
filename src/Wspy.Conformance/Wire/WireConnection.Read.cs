using System.Buffers;
using System.Net.Sockets;
using System.Text;

namespace Wspy.Conformance.Wire;

internal sealed partial class WireConnection
{
    /// <summary>Larger frames are refused, so that a peer that lies about lengths cannot fill the suite's memory.</summary>
    private const long MaxFrame = 256L << 20;

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private Task _answering = Task.CompletedTask;

    private async Task ReadAsync(bool expectHead, byte[] received)
    {
        bool reset = false;
        bool head = expectHead;
        bool frames = !expectHead;
        bool offended = false;
        var parser = new HttpHeadParser(HttpHeadKind.Response) { MaxHeadSize = 1 << 20, MaxHeaderCount = 1000 };
        Append(received);
        try
        {
            while (true)
            {
                if (head)
                {
                    head = !TakeHead(parser, ref frames);
                }

                while (frames && !offended && TakeFrame(out WireEvent? found))
                {
                    offended = found is OffenceEvent;
                    Handle(found);
                }

                if (offended || (!head && !frames))
                {
                    // After an offence nothing can be made of the bytes; after a refusal they are a page for people.
                    _start = _end;
                }

                if (ReadingMayGoOn is { } gate)
                {
                    await gate.Task.WaitAsync(_disposing.Token).ConfigureAwait(false);
                }

                Room();
                int count = await _stream.ReadAsync(_buffer.AsMemory(_end), _disposing.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                if (!head && !frames)
                {
                    Log.Received(_buffer.AsSpan(_end, count), count, $"body: {Encoding.Latin1.GetString(_buffer, _end, Math.Min(count, 300))}");
                    _events.Writer.TryWrite(new BodyEvent(Log.Now, Encoding.Latin1.GetString(_buffer, _end, count)));
                }

                _end += count;
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            reset = true;
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // The case is over, and what else happens is not of it.
            _events.Writer.TryComplete();
            return;
        }

        if (_end > _start)
        {
            Log.Received(_buffer.AsSpan(_start, _end - _start), _end - _start, head ? "an incomplete head" : "an incomplete frame");
        }

        Log.Received([], 0, reset ? "TCP reset" : "TCP closed");
        _events.Writer.TryWrite(new EndEvent(Log.Now, reset));
        _events.Writer.TryComplete();
    }

    /// <summary>Takes a response's head.</summary>
    /// <returns>Whether it was complete.</returns>
    private bool TakeHead(HttpHeadParser parser, ref bool frames)
    {
        ReadOnlySpan<byte> input = _buffer.AsSpan(_start, _end - _start);
        ReadOnlySpan<byte> rest = input;
        HttpHeadStatus status = parser.Receive(ref rest);
        ReadOnlySpan<byte> taken = input[..^rest.Length];
        _start += taken.Length;
        if (!taken.IsEmpty)
        {
            Log.Received(taken, taken.Length, Encoding.Latin1.GetString(taken).TrimEnd());
        }

        if (status == HttpHeadStatus.Complete)
        {
            frames = parser.Response!.StatusCode == 101;
            _events.Writer.TryWrite(new ResponseEvent(Log.Now, parser.Response));
            if (!frames && !rest.IsEmpty)
            {
                Log.Received(rest, rest.Length, $"body: {Encoding.Latin1.GetString(rest[..Math.Min(rest.Length, 300)])}");
                _events.Writer.TryWrite(new BodyEvent(Log.Now, Encoding.Latin1.GetString(rest)));
            }
        }
        else if (status == HttpHeadStatus.Invalid)
        {
            _events.Writer.TryWrite(new OffenceEvent(Log.Now, $"a response that is no HTTP: {parser.Violation}"));
        }

        return status != HttpHeadStatus.NeedMoreData;
    }

    private bool TakeFrame(out WireEvent? found)
    {
        found = null;
        Span<byte> input = _buffer.AsSpan(_start, _end - _start);
        OperationStatus status = FrameHeader.TryParse(input, out FrameHeader header, out int size);
        if (status == OperationStatus.InvalidData || (status == OperationStatus.Done && header.PayloadLength > MaxFrame))
        {
            found = new OffenceEvent(Log.Now, "a frame whose length cannot be");
            return true;
        }

        if (status == OperationStatus.NeedMoreData || input.Length - size < header.PayloadLength)
        {
            return false;
        }

        int total = size + (int)header.PayloadLength;
        byte[] payload = input[size..total].ToArray();
        found = _frames.Take(header, payload, Log.Now);
        Log.Received(input[..total], total, found is OffenceEvent offence ? offence.What : Show.Frame(header, payload));
        _start += total;
        return true;
    }

    /// <summary>Answers are not waited for: whoever does not read what it is sent must still be read from.</summary>
    private void Handle(WireEvent? found)
    {
        if (found is null)
        {
            return;
        }

        _events.Writer.TryWrite(found);
        if (found is PingEvent ping && AnswersPings && !_closeSent)
        {
            Answer(new WireFrame(Opcode.Pong, ping.Payload));
        }
        else if (found is CloseEvent close)
        {
            _closeReceived = true;
            if (!AnswersClose)
            {
                return;
            }

            if (!_closeSent)
            {
                byte[] code = close.Code == CloseEvent.NoCode ? [] : [(byte)(close.Code >> 8), (byte)close.Code];
                Answer(new WireFrame(Opcode.Close, code));
            }
            else if (_role == PeerRole.Client)
            {
                // RFC 6455 §7.1.1: the server closes TCP first.
                Shutdown();
            }
        }
    }

    private void Answer(WireFrame frame) =>
        _answering = Task.WhenAll(_answering, SendAsync([frame], int.MaxValue, TimeSpan.Zero, _disposing.Token));

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    private void Room()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
        }
        else if (_end == _buffer.Length)
        {
            byte[] target = _end - _start > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
            Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
            (_buffer, _start, _end) = (target, 0, _end - _start);
        }
    }
}

/// <summary>Bytes after the head of a response that refused.</summary>
internal sealed record BodyEvent(TimeSpan At, string Text) : WireEvent(At)
{
    public override string ToString() => $"a body of {Text.Length:N0} bytes";
}
