using System.Buffers;
using System.Buffers.Binary;

namespace Wspy.Conformance.Tests.Mistakes;

// Pings, pongs and the closing handshake.
internal sealed partial class MistakenConnection
{
    private bool _closed;
    private bool _answeredPing;
    private readonly Stack<byte[]> _earlierPings = new();

    private async Task<byte[]> ControlPayloadAsync(long length, uint key)
    {
        byte[] payload = new byte[length];
        for (int at = 0; at < length;)
        {
            Memory<byte> bytes = await PayloadAsync(at, length, key);
            bytes.CopyTo(payload.AsMemory(at));
            at += bytes.Length;
        }

        return payload;
    }

    private async Task<bool> ControlAsync(FrameStart frame, byte[] payload)
    {
        switch (frame.Opcode)
        {
            case Ping:
                await PingAsync(payload);
                return true;
            case Pong:
                Demand(!Has(Mistake.ClosesOnUnsolicitedPongs), 1002);
                if (Has(Mistake.AnswersPongs))
                {
                    await SendAsync(Pong, payload);
                }

                return true;
            case Close when !(Has(Mistake.IgnoresCloseBetweenFragments) && _kind != 0):
                return await CloseAsync(payload);
            default:
                return true;
        }
    }

    private async Task PingAsync(byte[] payload)
    {
        Demand(!Has(Mistake.JudgesPingsAsText) || Utf8Validator.IsValid(payload), 1007);
        if (_kind != 0)
        {
            if (Has(Mistake.MixesPingsIntoTheMessage))
            {
                _message.Write(payload);
            }

            if (Has(Mistake.AnswersPingsAfterTheMessage))
            {
                _latePings.Add(payload);
                return;
            }
        }

        bool ignored = Has(Mistake.DoesNotAnswerPings) || (Has(Mistake.DoesNotAnswerPingsBetweenFragments) && _kind != 0) || (Has(Mistake.AnswersOnlyOnePingInARow) && _answeredPing);
        _answeredPing = true;
        bool another = _end - _start >= 2 && _input[_start] == (0x80 | Ping);
        if (another && Has(Mistake.AnswersPingsInTheWrongOrder))
        {
            _earlierPings.Push(payload);
        }
        else if (!ignored && !(another && Has(Mistake.AnswersOnlyTheLastOfManyPings)))
        {
            await SendAsync(Pong, Has(Mistake.AnswersPingsWithAnEmptyPayload) ? [] : Has(Mistake.TruncatesPongsAt124) ? payload[..Math.Min(124, payload.Length)] : payload);
            while (_earlierPings.TryPop(out byte[]? earlier))
            {
                await SendAsync(Pong, earlier);
            }
        }
    }

    private async Task<bool> CloseAsync(byte[] payload)
    {
        int code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 1005;
        Demand(payload.Length != 1 || Has(Mistake.AcceptsOneByteCloseBodies), 1002);
        Demand(payload.Length < 2 || IsAllowed(code), 1002);
        Demand(payload.Length < 2 || Utf8Validator.IsValid(payload.AsSpan(2)) || Has(Mistake.AcceptsIllFormedReasons), 1007);
        if (Has(Mistake.DoesNotAnswerClose))
        {
            return true;
        }

        if (!Has(Mistake.EndsTcpInsteadOfAnsweringClose))
        {
            await SendAsync(Close, Answer(payload, code));
        }

        if (Has(Mistake.SendsDataAfterItsClose))
        {
            await SendAsync(Text, "bye"u8.ToArray());
        }

        _closed = true;
        if (Has(Mistake.AnswersASecondClose) || Has(Mistake.AnswersPingsAfterClose) || Has(Mistake.AnswersDataAfterClose) || Has(Mistake.DoesNotCloseTcp))
        {
            // Goes on to read, until nothing comes any more.
            return Has(Mistake.DoesNotCloseTcp) || await ComesAsync() || await LostAsync();
        }

        if (Has(Mistake.ClosesTcpLate))
        {
            await Task.Delay(1150, stopping);
        }

        await EndAsync();
        return false;
    }

    private byte[] Answer(byte[] payload, int code) => peer.Mistake switch
    {
        Mistake.AnswersCloseWith1000 => WithCode(1000),
        Mistake.AnswersCloseWithoutACode => [],
        Mistake.Writes1005IntoTheFrame => WithCode(code),
        // A reason echoed into a buffer of fixed size, whatever code points it holds.
        Mistake.AnswersCloseWithTheReasonCut => payload[..Math.Min(payload.Length, 22)],
        _ => payload.Length == 0 ? [] : WithCode(code),
    };

    private bool IsAllowed(int code) => code switch
    {
        1004 => Has(Mistake.AcceptsCode1004),
        1005 => Has(Mistake.AcceptsCode1005),
        1006 => Has(Mistake.AcceptsCode1006),
        1015 => Has(Mistake.AcceptsCode1015),
        < 1000 => Has(Mistake.AcceptsCodesBelow1000),
        >= 1016 and < 3000 => Has(Mistake.AcceptsCodes1016To2999),
        >= 5000 => Has(Mistake.AcceptsCodesFrom5000),
        >= 1012 and <= 1014 => !Has(Mistake.Refuses1012To1014),
        3000 or 4999 => !Has(Mistake.Refuses3000And4999),
        _ => true,
    };

    /// <summary>A frame after the closing handshake.</summary>
    private async Task<bool> AfterCloseAsync(FrameStart frame, long length, uint key)
    {
        if (length is < 0 or > MessageLimit)
        {
            return await LostAsync();
        }

        byte[] payload = await ControlPayloadAsync(length, key);
        if ((frame.Opcode == Close && Has(Mistake.AnswersASecondClose)) || (frame.Opcode is Text or Binary && Has(Mistake.AnswersDataAfterClose)))
        {
            await SendAsync(frame.Opcode, payload);
        }
        else if (frame.Opcode == Ping && Has(Mistake.AnswersPingsAfterClose))
        {
            await SendAsync(Pong, payload);
        }

        return Has(Mistake.DoesNotCloseTcp) || await ComesAsync() || await LostAsync();
    }

    /// <summary>Whether more bytes come soon.</summary>
    private async Task<bool> ComesAsync()
    {
        for (int i = 0; i < 10 && _start == _end && socket.Available == 0; i++)
        {
            await Task.Delay(10, stopping);
        }

        return _start < _end || socket.Available > 0;
    }

    /// <summary>Fails the connection (RFC 6455 §7.1.7).</summary>
    private async Task FailAsync(int code)
    {
        if (!Has(Mistake.SendsNoCloseForErrors) && !_closed)
        {
            await SendAsync(Close, Has(Mistake.SendsNoCodeForErrors) ? [] : WithCode(
                Has(Mistake.Sends1000ForErrors) ? 1000 : Has(Mistake.Sends1002ForIllFormedText) && code == 1007 ? 1002 : code));
        }

        if (Has(Mistake.DoesNotCloseTcpAfterAnError))
        {
            while (await ReadAsync(_input) > 0)
            {
            }

            await Task.Delay(role == PeerRole.Client ? Stuck : TimeSpan.Zero, stopping);
        }

        await EndAsync();
    }

    /// <summary>The peer has ended its direction, without or after a closing handshake.</summary>
    private async Task<bool> LostAsync()
    {
        if ((Has(Mistake.NeedsCloseBeforeTheEndOfTcp) && !_closed) || (Has(Mistake.DoesNotCloseTcp) && role == PeerRole.Client))
        {
            await Task.Delay(Stuck, stopping);
        }

        await EndAsync();
        return false;
    }

    private static byte[] WithCode(int code) => [(byte)(code >> 8), (byte)code];
}
