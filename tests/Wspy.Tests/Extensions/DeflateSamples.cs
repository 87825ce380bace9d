using System.Text;
using Wspy.Extensions;

namespace Wspy.Tests;

/// <summary>Connections on which every message is compressed, and messages that shrink.</summary>
internal static class DeflateSamples
{
    public static DeflateMessage Extension(bool takeover) => new(new DeflateMessageOptions
    {
        // Memory of its own: other tests take turns with the shared one's.
        Memory = new DeflateMemory(16 * 1024 * 1024), Threshold = 0, KeepsGrownResults = true, ServerContextTakeover = takeover, ClientContextTakeover = takeover,
    });

    /// <summary>A test of compression must not pass because nothing was compressed.</summary>
    public static void MustBeAgreed(WebSocket webSocket, bool takeover)
    {
        ExtensionOffer agreed = Assert.Single(webSocket.Extensions);
        Assert.Equal("permessage-deflate", agreed.Name);
        Assert.Equal(!takeover, agreed.Parameters.Any(parameter => parameter.Name == "server_no_context_takeover"));
    }

    public static byte[] Payload(int size)
    {
        var text = new StringBuilder();
        for (int i = 0; text.Length < size; i++)
        {
            text.Append("{\"order\":").Append(i * 7919 % 1000).Append(",\"price\":").Append(i * 104_729 % 100_000).Append('}');
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, size));
    }
}
