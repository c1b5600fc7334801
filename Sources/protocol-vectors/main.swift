import ProtocolVectors

VectorsProgram.start()
