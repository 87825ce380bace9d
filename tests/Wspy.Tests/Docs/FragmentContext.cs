namespace Wspy.Tests.Docs;

/// <summary>What surrounds a fragment when it is compiled; docs/testing.md lists the same.</summary>
internal static class FragmentContext
{
    /// <summary>A fragment may use these namespaces without naming them.</summary>
    public const string Usings = """
        global using System.Net;
        global using System.Net.Sockets;
        global using System.Text;
        global using Wspy;

        """;

    /// <summary>A fragment may use these fields as if they were variables before it.</summary>
    public const string Variables = """
        abstract class FragmentContext
        {
            protected static readonly CancellationToken cancellationToken;
            protected static readonly Uri url = null!;
            protected static readonly Socket socket = null!;
            protected static readonly Stream stream = null!;
            protected static readonly byte[] bytes = null!;
            protected static readonly string text = null!;
            protected static readonly WebSocket webSocket = null!;
            protected static readonly Connection connection = null!;
            protected static readonly Server server = null!;
            protected static readonly Client client = null!;
        }

        """;
}
