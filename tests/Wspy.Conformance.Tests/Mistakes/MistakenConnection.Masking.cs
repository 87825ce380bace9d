using System.Security.Cryptography;

namespace Wspy.Conformance.Tests.Mistakes;

// Keys of the frames that are sent.
internal sealed partial class MistakenConnection
{
    private static readonly uint OneKey = NewKey();

    private Random? _seeded;
    private uint _counter = NewKey();

    private bool Masks(int opcode, int length) => role == PeerRole.Server
        ? Has(Mistake.MasksItsFrames)
        : !Has(Mistake.DoesNotMask) && !(Has(Mistake.DoesNotMaskControlFrames) && opcode >= Close) && !(Has(Mistake.DoesNotMaskEmptyFrames) && length == 0);

    private uint NextKey() => peer.Mistake switch
    {
        Mistake.MasksItsFrames or Mistake.MasksWithZero => 0,
        Mistake.MasksAllFramesWithOneKey => OneKey,
        Mistake.CountsItsKeys => ++_counter,
        Mistake.MasksEachConnectionWithTheSameKeys => SeededKey(),
        _ => NewKey(),
    };

    // That anybody can foresee these is the mistake.
#pragma warning disable CA5394
    private uint SeededKey() => (uint)(_seeded ??= new Random(1)).Next();
#pragma warning restore CA5394

    private static uint NewKey() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    private void Mask(Span<byte> payload, uint key)
    {
        // As one does who masks the pieces of a payload one by one, and whose pieces are no multiple of the key's four bytes.
        int piece = Has(Mistake.BeginsTheKeyAnewInEachPiece) ? 1001 : payload.Length;
        int end = payload.Length - (Has(Mistake.ForgetsToMaskTheLastByte) ? 1 : 0);
        for (int i = 0; i < end; i++)
        {
            payload[i] ^= (byte)(key >> (8 * (i % piece & 3)));
        }
    }
}
