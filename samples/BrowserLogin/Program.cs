// Three ways in which a page proves to a WebSocket server who its user is. Start it, and open http://localhost:8000/.
using BrowserLogin;
using Wspy;

int port = args.Length > 0 ? int.Parse(args[0], provider: null) : 8000;
using LoginServer server = new(new ServerOptions { Port = port });
Console.WriteLine($"Log in as ada with \"correct horse\" on http://localhost:{port}/, Ctrl-C to stop.");
server.Run();
