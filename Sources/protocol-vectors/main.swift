import ProtocolVectors

await VectorsProgram.start()
